package dev.keepalive.bench.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SocketPoolRegistryTest {
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        server = ServerProcess.start(LoopbackServer.class, "ECHO");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    static Iterable<String> names() {
        return SocketPoolRegistry.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aReleasedSocketServesTheNextRequest(String contender) throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (SocketPoolAdapter pool = SocketPoolRegistry.make(contender, address, 1)) {
            SocketPoolAdapter.SocketSource source = pool.newSource();
            byte[] message = new byte[WireFormat.SIZE];

            EchoSocket first = source.acquire();
            first.exchange(1, message);
            source.release();
            EchoSocket second = source.acquire();
            second.exchange(2, message);
            source.release();

            assertThat(second).isSameAs(first);
        }
    }
}
