package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that no request needs any more when it is open holds up no server that has one thread. */
@Timeout(60)
class UnusedConnectionTest {
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TestTls.context())
            .idleTimeout(Duration.ofHours(1))
            .build();

    @AfterEach
    void close() {
        client.shutdownNow();
    }

    private static HttpRequest request(int port) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/"))
                .build();
    }

    @Test
    void theConnectionOfACancelledRequestIsClosed() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<HttpResponse<String>> future =
                    client.sendAsync(request(listener.getLocalPort()), BodyHandlers.ofString());
            try (Socket socket = listener.accept();
                    SSLSocket secured = (SSLSocket)
                            TestTls.context().getSocketFactory().createSocket(socket, null, socket.getPort(), true)) {
                assertThat(future.cancel(true)).isTrue();
                secured.setUseClientMode(false);
                secured.startHandshake();

                assertThat(secured.getInputStream().read())
                        .as("the end of the connection")
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void aServerWithOneThreadAnswersManyRequestsAtOnce() throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(TestTls.context()));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try {
            HttpRequest request = request(server.getAddress().getPort());
            client.send(request, BodyHandlers.discarding());
            List<CompletableFuture<HttpResponse<Void>>> all = Stream.generate(
                            () -> client.sendAsync(request, BodyHandlers.discarding()))
                    .limit(8)
                    .toList();

            assertThat(all)
                    .allSatisfy(each -> assertThat(each.join().statusCode()).isEqualTo(204));
        } finally {
            server.stop(0);
        }
    }
}
