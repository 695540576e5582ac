package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.HttpTestServers;
import dev.keepalive.testservers.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Exchanges with a real server that takes few streams at a time. */
class Http2NghttpdTest {
    private static final int STREAMS = 10;

    @Test
    void aThousandExchangesShareOneConnectionTenAtATime() throws Exception {
        try (TestServer nghttpd = HttpTestServers.nghttpd(
                        Map.of("hello", "hello"), "-m", String.valueOf(STREAMS), "--trailer=x-t: y");
                Http2TestClient client = new Http2TestClient(nghttpd.port())) {
            List<TestExchange> all = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                all.add(client.get(i % 10 == 0 ? "/missing" : "/hello"));
            }
            for (int i = 0; i < all.size(); i++) {
                TestExchange each = all.get(i);
                assertThat(each.awaitStatus()).as(nghttpd::toString).isEqualTo(i % 10 == 0 ? 404 : 200);
                assertThat(each.awaitBody()).as(nghttpd::toString).contains(i % 10 == 0 ? "404" : "hello");
                assertThat(each.disorder).isEmpty();
            }
            assertThat(client.manager.snapshot().totals().opened()).isEqualTo(1);
        }
    }

    @Test
    void bodiesOfBothDirectionsAreWhole() throws Exception {
        String text = "0123456789abcdef".repeat(64 * 1024);
        try (TestServer nghttpd = HttpTestServers.nghttpd(Map.of(), "--echo-upload");
                Http2TestClient client = new Http2TestClient(nghttpd.port())) {
            List<TestExchange> all = new ArrayList<>();
            for (int i = 0; i < 2 * STREAMS; i++) {
                TestBody body = i % 2 == 0 ? TestBody.of(text) : TestBody.chunked(text.split("(?<=\\G.{5000})"));
                all.add(client.post("/", body));
            }
            for (TestExchange each : all) {
                assertThat(each.awaitBody().equals(text)).as(nghttpd::toString).isTrue();
            }
        }
    }

    /** Each stream that is canceled in the middle gives its window and its place back. */
    @Test
    void canceledExchangesLeaveNothingBehind() throws Exception {
        String text = "x".repeat(4 << 20);
        HttpOptions options = Http2TestClient.options(STREAMS, 100_000, 300_000);
        try (TestServer nghttpd = HttpTestServers.nghttpd(Map.of("large", text, "small", "small"), "-m", "10");
                Http2TestClient client = new Http2TestClient(nghttpd.port(), options, 1)) {
            for (int i = 0; i < 30; i++) {
                TestExchange large =
                        client.send(client.request("GET", "/large", false), TestBody.NONE, new TestExchange(false));
                assertThat(large.awaitStatus()).isEqualTo(200);
                large.awaitControl().cancel(false);
            }
            assertThat(client.get("/small").awaitBody()).isEqualTo("small");
            assertThat(client.get("/large").awaitBody()).hasSize(text.length());
            assertThat(client.manager.snapshot().totals().opened()).isEqualTo(1);
        }
    }
}
