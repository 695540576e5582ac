package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.testservers.ChildJvm;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The program that {@link SilentDeathTest} runs in a network namespace. It drops all packets of the client's first
 * connection, and no others. It throws if a request is not answered as it should be.
 */
final class SilentDeathProgram {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final long PATIENCE_SECONDS = 60;

    private SilentDeathProgram() {}

    public static void main(String[] arguments) throws Exception {
        boolean http2 = arguments[0].equals("http2");
        HttpClient.Version version = http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
        try (ScenarioServer server = ScenarioServer.tls(TestTls.server("h2", "http/1.1"));
                KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .version(version)
                        .sslContext(TestTls.trusting())
                        .build()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/body/3")).build();
            assertThat(client.send(request, BodyHandlers.ofString()).version()).isEqualTo(version);
            dropAll(server.clientPorts().get(0));

            HttpRequest soon = HttpRequest.newBuilder(server.uri("/body/3"))
                    .timeout(TIMEOUT)
                    .build();
            assertThatThrownBy(() -> client.send(soon, BodyHandlers.ofString()))
                    .isInstanceOf(HttpTimeoutException.class);

            // Without a timeout of its own: only another connection can answer.
            assertThat(client.sendAsync(request, BodyHandlers.ofString())
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .body())
                    .isEqualTo("abc");
            assertThat(server.clientPorts()).hasSize(2);
            client.shutdownNow();
        }
        System.out.println("OK");
    }

    private static void dropAll(int clientPort) {
        ChildJvm.change("nft add table inet t"
                + " && nft 'add chain inet t o { type filter hook output priority 0; }'"
                + " && nft add rule inet t o tcp dport " + clientPort + " drop"
                + " && nft add rule inet t o tcp sport " + clientPort + " drop");
    }
}
