package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with a scripted proxy, which keeps its connections open, unless the test says otherwise. */
abstract class ProxyAnswersRig {
    ScriptedServer proxy;
    ConnectorRig rig;
    Endpoint httpProxy;
    Endpoint socksProxy;

    @BeforeEach
    void start() {
        proxy = ScriptedServer.start();
        rig = new ConnectorRig(NettyConnector.builder().credentials("me", "müller", "påss"));
        httpProxy = Endpoint.of("http", "127.0.0.1", proxy.port());
        socksProxy = Endpoint.of("socks5", "127.0.0.1", proxy.port());
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, proxy);
    }

    RecordingEvents dialThrough(Endpoint through) {
        return dialThrough(rig, through);
    }

    static RecordingEvents dialThrough(ConnectorRig rig, Endpoint through) {
        return rig.dial(Endpoint.of("test", "target.test", 81).withProxy(through), new RecordingEvents())
                .events();
    }

    /** Reads the request up to its empty line. */
    static List<String> head(ScriptedServer.Peer peer) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String line = peer.readLine(); !line.isBlank(); line = peer.readLine()) {
            lines.add(line.strip());
        }
        return lines;
    }

    static byte[] read(ScriptedServer.Peer peer, int length) throws Exception {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) peer.readByte();
        }
        return bytes;
    }

    static void send(ScriptedServer.Peer peer, int... values) throws Exception {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        peer.rawSocket.getOutputStream().write(bytes);
    }

    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    void assertNamesTheProxy(DialException failure, Endpoint through) {
        assertThat(failure.phase()).isEqualTo(Phase.PROXY);
        assertThat(failure.text()).startsWith("proxy " + through + " ");
    }

    /** The target's first bytes, which came right behind the answer of the proxy, reach the holder. */
    static void assertGreets(RecordingEvents events) throws Exception {
        NettyLink link = events.link();
        RecordingListener<String> listener = new RecordingListener<>();
        new FakeLease(link, events).connection().start(listener);
        assertThat(listener.next()).isEqualTo("220 hello");
    }
}
