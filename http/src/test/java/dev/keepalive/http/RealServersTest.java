package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.HttpTestServers;
import dev.keepalive.testservers.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many requests to real servers that end their connections, reload and allow few streams. With {@code http.requests}
 * there are more of them, with {@code http.jdk} they are sent by the JDK's client, which shows what it does.
 */
class RealServersTest {
    private static final int REQUESTS = Integer.getInteger("http.requests", 1_000);
    private static final int AT_A_TIME = 64;
    private static final int RELOADS = 3;

    private static HttpClient.Builder builder() {
        return Boolean.getBoolean("http.jdk") ? HttpClient.newBuilder() : KeepaliveHttpClient.newBuilder();
    }

    @ParameterizedTest
    @EnumSource
    void noRequestFailsThatMayBeSentAgainWhileTheServerEndsConnectionsAndReloads(RealServer.Kind kind)
            throws Exception {
        try (RealServer server = RealServer.start(kind)) {
            HttpClient client = server.prepare(builder()).build();
            RequestLoad load = new RequestLoad(client, server.get(), server.post());
            int[] reloads = {0};
            load.run(REQUESTS, AT_A_TIME, done -> {
                if (reloads[0] < RELOADS && done > (reloads[0] + 1) * REQUESTS / (RELOADS + 1)) {
                    reloads[0]++;
                    server.reload();
                }
            });
            ClientMethods.shutdownNow(client);
            if (Boolean.getBoolean("http.show")) {
                System.err.println("SHOW " + kind + ": " + load + ", " + client);
            }
            assertThat(load.failedGets()).as(() -> load + "\n" + server).isEmpty();
            assertThat(load.failedPosts())
                    .allSatisfy((id, thrown) -> assertThat(thrown).isInstanceOf(IOException.class));
            assertThat(load.statuses()).as(server::toString).allSatisfy((id, status) -> assertThat(status)
                    .isEqualTo(200));
            assertEachPostOnce(load, server.processedPosts());
        }
    }

    private static void assertEachPostOnce(RequestLoad load, Map<Integer, Integer> processed) {
        assertThat(processed).allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
        assertThat(load.statuses().keySet().stream().filter(id -> id % 4 == 3))
                .as("each POST that was answered was processed")
                .isSubsetOf(processed.keySet());
        assertThat(processed.size())
                .as("posts, of which these failed: %s", load.failedPosts())
                .isBetween(REQUESTS / 4 - load.failedPosts().size(), REQUESTS / 4);
    }

    @Test
    void aThousandRequestsAtOnceWaitForTenStreamsEach() throws Exception {
        try (TestServer nghttpd = HttpTestServers.nghttpdTls(
                TestTls.certificatePem(), TestTls.keyPem(), Map.of("hello", "hello"), "-m", "10")) {
            HttpClient.Builder builder = builder().sslContext(TestTls.trusting());
            if (builder instanceof KeepaliveHttpClientBuilder own) {
                own.maxOpenPerEndpoint(4);
            }
            HttpClient client = builder.build();
            URI uri = URI.create("https://127.0.0.1:" + nghttpd.port() + "/hello");
            RequestLoad load = new RequestLoad(client, uri, uri).run(1_000, 1_000, done -> {});
            if (Boolean.getBoolean("http.show")) {
                System.err.println("SHOW nghttpd: " + load);
            }
            assertThat(load.statuses()).as(load::toString).hasSize(1_000);
            if (client instanceof KeepaliveHttpClient own) {
                assertThat(own.connections().snapshot().totals().opened()).isBetween(1L, 4L);
            }
            ClientMethods.shutdownNow(client);
        }
    }
}
