package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.netty.testkit.ScriptedPeer;
import dev.keepalive.testservers.HttpTestServers;
import dev.keepalive.testservers.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The last thing that a server reads: GOAWAY with HTTP/2 (RFC 9113, section 6.8), nothing with HTTP/1.1. */
@Timeout(60)
class HttpFarewellTest {
    /** Last stream 0, since a server begins none; NO_ERROR. */
    private static final byte[] GOAWAY = Http2TestPeer.frame(Http2TestPeer.GOAWAY, 0, 0, new byte[8]);

    /** How the client ends a connection. */
    enum End {
        IDLE(builder -> builder.idleTimeout(Duration.ofMillis(1)), client -> {}),
        DRAINED(builder -> builder, client -> client.connections().drain(Duration.ofSeconds(20))),
        CLOSED(builder -> builder, KeepaliveHttpClient::shutdownNow);

        private final UnaryOperator<KeepaliveHttpClientBuilder> options;
        private final Consumer<KeepaliveHttpClient> act;

        End(UnaryOperator<KeepaliveHttpClientBuilder> options, Consumer<KeepaliveHttpClient> act) {
            this.options = options;
            this.act = act;
        }
    }

    /** Sends one request, ends the connection, and tells what the server has read after its response. */
    private static String restOf(
            End end, ScriptedHttpServer server, KeepaliveHttpClientBuilder builder, CompletableFuture<String> rest)
            throws Exception {
        KeepaliveHttpClient client = end.options.apply(builder).build();
        try (server) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
            end.act.accept(client);
            return rest.get(20, TimeUnit.SECONDS);
        } finally {
            client.shutdownNow();
            client.close();
        }
    }

    /** Answers one request. What comes then, but SETTINGS and windows, is the rest. */
    private static ScriptedHttpServer.Script answeringOnce(CompletableFuture<String> rest) {
        return connection -> {
            Http2TestPeer peer = Http2TestPeer.greet(connection);
            peer.respond(peer.awaitRequest(), "ok");
            byte[] frame = Http2TestPeer.bytes(connection.read(9));
            while (frame[3] == Http2TestPeer.SETTINGS || frame[3] == Http2TestPeer.WINDOW_UPDATE) {
                connection.read(frame[2]);
                frame = Http2TestPeer.bytes(connection.read(9));
            }
            rest.complete(new String(frame, StandardCharsets.ISO_8859_1) + connection.readAll());
        };
    }

    @ParameterizedTest
    @EnumSource
    void aServerWithHttp2IsToldBeforeTheConnectionEnds(End end) throws Exception {
        CompletableFuture<String> rest = new CompletableFuture<>();
        ScriptedHttpServer server = ScriptedHttpServer.start(answeringOnce(rest));
        KeepaliveHttpClientBuilder builder = KeepaliveHttpClient.newBuilder().http2PriorKnowledge(true);
        assertThat(Http2TestPeer.bytes(restOf(end, server, builder, rest))).isEqualTo(GOAWAY);
    }

    @ParameterizedTest
    @EnumSource
    void underTlsAsWell(End end) throws Exception {
        CompletableFuture<String> rest = new CompletableFuture<>();
        ScriptedHttpServer server = ScriptedHttpServer.startTls(TestTls.context(), answeringOnce(rest), "h2");
        KeepaliveHttpClientBuilder builder = KeepaliveHttpClient.newBuilder().sslContext(TestTls.context());
        assertThat(Http2TestPeer.bytes(restOf(end, server, builder, rest))).isEqualTo(GOAWAY);
    }

    @ParameterizedTest
    @EnumSource
    void aServerWithHttp1IsToldNothing(End end) throws Exception {
        CompletableFuture<String> rest = new CompletableFuture<>();
        ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.respond("ok");
            rest.complete(connection.readAll());
        });
        assertThat(restOf(end, server, KeepaliveHttpClient.newBuilder(), rest)).isEmpty();
    }

    @Test
    void aConnectionThatIsIdleForTooLongEndsWithGoAway() {
        try (Http2Embedded embedded = new Http2Embedded(HttpOptions.DEFAULTS)) {
            ScriptedPeer peer = embedded.nextPeer();
            TestExchange exchange = embedded.get();
            peer.send(Http2Embedded.response(1, "done"));
            assertThat(exchange.body).isCompletedWithValue("done");
            assertThat(peer.received()).startsWith("PRI");
            embedded.server.time().advance(Duration.ofHours(1));
            assertThat(peer.isOpen()).isFalse();
            assertThat(Http2TestPeer.bytes(peer.received())).isEqualTo(GOAWAY);
        }
    }

    @Test
    void aRealServerUnderstandsIt() throws Exception {
        try (TestServer nghttpd = HttpTestServers.nghttpd(Map.of("hello", "hello"), "--verbose");
                Http2TestClient client = new Http2TestClient(nghttpd.port())) {
            assertThat(client.get("/hello").awaitBody()).isEqualTo("hello");
            client.manager.close();
            await().untilAsserted(() -> assertThat(nghttpd.log())
                    .containsPattern("recv GOAWAY frame <length=8, .*>\\s+.*last_stream_id=0, error_code=NO_ERROR"));
        }
    }
}
