package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that goes away, refuses, or ends the connection, and what may be sent again then. */
class Http2GoAwayTest {
    private static final int NO_ERROR = 0;
    private static final int INTERNAL_ERROR = 2;
    private static final int REFUSED_STREAM = 7;
    private static final int HTTP_1_1_REQUIRED = 13;

    @Test
    void streamsAboveTheLastAreUnprocessedAndTheOthersGoOn() throws Exception {
        CompletableFuture<Void> failed = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    if (connection.number() == 1) {
                        int first = peer.awaitRequest();
                        int second = peer.awaitRequest();
                        peer.goAway(Integer.MAX_VALUE, NO_ERROR, "").goAway(first, NO_ERROR, "bye");
                        failed.get();
                        peer.respond(first, "goes on");
                        assertThat(second).isEqualTo(3);
                    } else {
                        peer.respond(peer.awaitRequest(), "on another");
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port(), HttpOptions.DEFAULTS, 2)) {
            TestExchange first = client.get("/1");
            first.awaitControl();
            TestExchange second = client.get("/2");
            assertThat(second.awaitFailure())
                    .hasMessage("the server sent GOAWAY with NO_ERROR and last stream 1: 'bye':"
                            + " it has not processed the request");
            assertThat(second.safety).isEqualTo(RetrySafety.UNPROCESSED);
            TestExchange third = client.get("/3");
            assertThat(third.awaitBody()).isEqualTo("on another");
            failed.complete(null);
            assertThat(first.awaitBody()).isEqualTo("goes on");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aLeaseThatHasNotBegunIsUnprocessed() throws Exception {
        CompletableFuture<Void> goAway = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    goAway.get();
                    peer.goAway(stream, NO_ERROR, "").respond(stream, "last");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange first = client.get("/1");
            first.awaitControl();
            Lease<HttpConnection> unused = client.lease();
            goAway.complete(null);
            assertThat(first.awaitBody()).isEqualTo("last");
            TestExchange late = new TestExchange();
            late.begin(unused, client.request("GET", "/", false), TestBody.NONE);
            assertThat(late.awaitFailure())
                    .hasMessage("the server sent GOAWAY with NO_ERROR and last stream 1, before the request was sent");
            assertThat(late.safety).isEqualTo(RetrySafety.UNPROCESSED);
        }
    }

    @Test
    void aServerThatGoesAwayAtOnceHasRefusedTheConnection() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    new Http2TestPeer(connection)
                            .raw(Http2TestPeer.join(
                                    Http2TestPeer.frame(
                                            Http2TestPeer.SETTINGS,
                                            0,
                                            0,
                                            Http2TestPeer.settingsPayload(Http2TestPeer.MAX_CONCURRENT_STREAMS, 0)),
                                    Http2TestPeer.frame(
                                            Http2TestPeer.GOAWAY,
                                            0,
                                            0,
                                            Http2TestPeer.join(
                                                    Http2TestPeer.number(0),
                                                    Http2TestPeer.number(11),
                                                    Http2TestPeer.bytes("calm\ndown")))))
                            .awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            assertThat(client.get("/").awaitFailure())
                    .hasStackTraceContaining(
                            "the server sent GOAWAY with ENHANCE_YOUR_CALM and last stream 0: 'calm?down'");
        }
    }

    @Test
    void aStreamThatIsResetSaysWhetherItWasProcessed() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    peer.reset(peer.awaitRequest(), REFUSED_STREAM);
                    peer.reset(peer.awaitRequest(), INTERNAL_ERROR);
                    peer.reset(peer.awaitRequest(), HTTP_1_1_REQUIRED);
                    peer.reset(peer.awaitRequest(), 99);
                    int stream = peer.awaitRequest();
                    peer.headers(stream, false, ":status", "200").reset(stream, REFUSED_STREAM);
                    peer.respond(peer.awaitRequest(), "next");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange refused = client.get("/");
            assertThat(refused.awaitFailure())
                    .hasMessage("the server reset the stream with REFUSED_STREAM before it answered");
            assertThat(refused.safety).isEqualTo(RetrySafety.UNPROCESSED);
            assertThat(refused.leaseEndedBefore).isTrue();
            TestExchange failed = client.get("/");
            assertThat(failed.awaitFailure()).hasMessageContaining("INTERNAL_ERROR before it answered");
            assertThat(failed.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(client.get("/").awaitFailure()).hasMessageContaining("requires HTTP/1.1");
            assertThat(client.get("/").awaitFailure()).hasMessageContaining("the unknown error code 99");
            TestExchange answered = client.get("/");
            assertThat(answered.awaitFailure()).hasMessageContaining("before the response was complete");
            assertThat(answered.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(client.get("/").awaitBody()).isEqualTo("next");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void theEndOfTheConnectionSaysWhatMayBeSentAgain() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int first = peer.awaitRequest();
                    peer.awaitRequest();
                    peer.headers(first, false, ":status", "200").data(first, false, "a part");
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange answered = client.get("/1");
            answered.awaitControl();
            TestExchange silent = client.get("/2");
            assertThat(answered.awaitFailure()).hasMessageStartingWith("the connection ended before the response was");
            assertThat(answered.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(silent.awaitFailure()).hasMessageStartingWith("the connection ended before the server answered");
            assertThat(silent.safety).isEqualTo(RetrySafety.IF_IDEMPOTENT);
            assertThat(silent.leaseEndedBefore).isTrue();
        }
    }

    /**
     * As Apache's reload does, which may then send a code that HTTP/2 does not have. An error, such as a worker that
     * has failed, may be due to the request.
     */
    @ParameterizedTest
    @CsvSource({"0, -902, LEFT_IF_IDEMPOTENT", "0, 2, IF_IDEMPOTENT", "2, 0, IF_IDEMPOTENT"})
    void aServerThatHasAnnouncedItsEndHasLeftWhatItDoesNotAnswer(int error, int next, RetrySafety safety)
            throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    peer.awaitRequest();
                    peer.goAway(Integer.MAX_VALUE, error, "").goAway(1, next, "callback failed");
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange left = client.get("/");
            assertThat(left.awaitFailure()).hasMessageStartingWith("the connection ended before the server answered");
            assertThat(left.safety).isEqualTo(safety);
        }
    }

    @Test
    void aStreamForWhichTheServerHasNoRoomAnyMoreIsUnprocessed() throws Exception {
        CompletableFuture<Void> lower = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    lower.get();
                    peer.settings(Http2TestPeer.MAX_CONCURRENT_STREAMS, 1);
                    peer.headers(stream, false, ":status", "200");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange first = client.get("/1");
            first.awaitControl();
            Lease<HttpConnection> unused = client.lease();
            lower.complete(null);
            first.awaitStatus();
            TestExchange late = new TestExchange();
            late.begin(unused, client.request("GET", "/", false), TestBody.NONE);
            assertThat(late.awaitFailure()).hasMessage("the server allows no more than 1 streams at a time now");
            assertThat(late.safety).isEqualTo(RetrySafety.UNPROCESSED);
        }
    }

    @Test
    void aConnectionWhoseStreamNumbersAreUsedUpIsReplaced() throws Exception {
        List<Integer> streams = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    while (true) {
                        int stream = peer.awaitRequest();
                        streams.add(stream);
                        peer.respond(stream, "");
                    }
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            Lease<HttpConnection> lease = client.lease();
            Field session = Http2Exchange.class.getDeclaredField("session");
            session.setAccessible(true);
            Field next = Http2Session.class.getDeclaredField("nextStream");
            next.setAccessible(true);
            next.setInt(session.get(lease.connection()), Http2Session.LAST_BUT_SOME - 2);
            Lease<HttpConnection> last = client.lease();
            for (Lease<HttpConnection> each : List.of(lease, last)) {
                TestExchange exchange = new TestExchange();
                exchange.begin(each, client.request("GET", "/", false), TestBody.NONE);
                exchange.awaitBody();
            }
            client.get("/").awaitBody();
            assertThat(streams).containsExactly(Http2Session.LAST_BUT_SOME - 2, Http2Session.LAST_BUT_SOME, 1);
        }
    }
}
