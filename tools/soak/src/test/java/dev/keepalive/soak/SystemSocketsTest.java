package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class SystemSocketsTest {
    @Test
    void aSocketIsHeldUntilItsDescriptorIsClosed() throws Exception {
        InetAddress address = InetAddress.getByName("127.0.79.1");
        try (ServerSocket listener = new ServerSocket(0, 1, address);
                Socket client = new Socket(address, listener.getLocalPort());
                Socket server = listener.accept()) {
            int port = client.getLocalPort();
            assertThat(SystemSockets.read().isHeld(port, address.getAddress(), listener.getLocalPort()))
                    .isTrue();

            client.close();

            assertThat(server.isClosed()).isFalse();
            assertThat(SystemSockets.read().isHeld(port, address.getAddress(), listener.getLocalPort()))
                    .isFalse();
        }
    }
}
