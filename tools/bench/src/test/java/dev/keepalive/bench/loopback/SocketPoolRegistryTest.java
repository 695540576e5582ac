package dev.keepalive.bench.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SocketPoolRegistryTest {
    static Iterable<String> names() {
        return SocketPoolRegistry.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aReleasedSocketServesTheNextRequest(String contender) throws Exception {
        try (ServerProcess server = ServerProcess.start(LoopbackServer.class, "ECHO");
                SocketPoolAdapter pool = SocketPoolRegistry.make(
                        contender, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 1)) {
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
