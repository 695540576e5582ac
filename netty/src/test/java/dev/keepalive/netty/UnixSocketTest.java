package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections over a Unix-domain socket behave like connections over TCP. */
class UnixSocketTest extends SocketManagerRig {
    @TempDir
    Path folder;

    @Test
    void aConnectionIsUsedKeptReusedAndWatched() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel listener = listen(path)) {
            manager(4, 2);
            Endpoint unix = Endpoint.unix("line", path);
            var acquired = manager.acquire(unix);
            SocketChannel peer = listener.accept();
            Lease<NettyConnection> first = got(acquired);
            RecordingListener<String> replies = new RecordingListener<>();
            first.connection().start(replies).send("ping");
            assertThat(read(peer)).isEqualTo("ping\r\n");
            peer.write(ByteBuffer.wrap("pong\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(replies.next()).isEqualTo("pong");
            first.release();
            Lease<NettyConnection> second = got(manager.acquire(unix));
            assertThat(second.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            second.release();

            peer.close();

            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @Test
    void unexpectedInputEndsTheConnection() throws Exception {
        Path path = folder.resolve("socket");
        try (ServerSocketChannel listener = listen(path)) {
            manager(4, 2);
            var acquired = manager.acquire(Endpoint.unix("line", path));
            try (SocketChannel peer = listener.accept()) {
                got(acquired).release();

                peer.write(ByteBuffer.wrap("stray".getBytes(StandardCharsets.UTF_8)));

                await().until(() -> manager.snapshot().all().open() == 0);
            }
        }
    }

    @Test
    void aMissingSocketFileIsAConnectFailure() throws Exception {
        manager(4, 2);

        AcquireException failure = failed(manager.acquire(Endpoint.unix("line", folder.resolve("missing"))));

        assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
        assertThat(failure.errorNumber()).isEqualTo(2);
        assertThat(failure.getMessage()).contains("No such file or directory");
    }

    @Test
    void aSocketWithoutAListenerIsRefused() throws Exception {
        Path path = folder.resolve("left-behind");
        listen(path).close();
        manager(4, 2);

        AcquireException failure = failed(manager.acquire(Endpoint.unix("line", path)));

        assertThat(failure.errorNumber()).isEqualTo(111);
    }

    @Test
    void aSocketBehindAProxyOrFromALocalAddressIsRefusedAtOnce() {
        manager(4, 2);
        Endpoint unix = Endpoint.unix("line", folder.resolve("socket"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(unix.withProxy(Endpoint.of("http", "127.0.0.1", 80))))
                .withMessageContaining("without a proxy only");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(unix.withLocalAddress(InetAddress.getLoopbackAddress())))
                .withMessageContaining("over TCP only");
        Endpoint proxy = Endpoint.unix("http", folder.resolve("proxy"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(endpoint.withLocalAddress(InetAddress.getLoopbackAddress())
                        .withProxy(proxy)))
                .withMessageContaining("over TCP only");
    }

    private static ServerSocketChannel listen(Path path) throws Exception {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return listener.bind(UnixDomainSocketAddress.of(path));
    }

    private static String read(SocketChannel peer) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        peer.read(bytes);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }
}
