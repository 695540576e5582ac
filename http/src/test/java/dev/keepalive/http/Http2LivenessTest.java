package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import dev.keepalive.netty.testkit.ScriptedPeer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whether a server that does not answer is alive. */
class Http2LivenessTest {
    private static final Duration AFTER = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration NEVER = Duration.ofDays(1);

    @Test
    void aSilentServerIsAskedAndMayTakeItsTime() {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, AFTER, TIMEOUT))) {
            ScriptedPeer peer = embedded.nextPeer();
            TestExchange exchange = embedded.get();
            for (int i = 1; i <= 5; i++) {
                embedded.server.time().advance(AFTER.minusMillis(1));
                assertThat(Http2Embedded.pings(peer, i)).isZero();
                embedded.server.time().advance(Duration.ofMillis(1));
                assertThat(Http2Embedded.pings(peer, i)).isEqualTo(1);
                peer.send(Http2Embedded.pingAnswer(i));
            }
            peer.send(Http2Embedded.response(1, "late"));
            assertThat(exchange.body).isCompletedWithValue("late");
        }
    }

    @Test
    void aServerThatSendsIsNotAsked() {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, AFTER, TIMEOUT))) {
            ScriptedPeer peer = embedded.nextPeer();
            embedded.get();
            for (int i = 0; i < 10; i++) {
                embedded.server.time().advance(AFTER.dividedBy(2));
                peer.send(Http2TestPeer.frame(
                        Http2TestPeer.HEADERS, Http2TestPeer.END_HEADERS, 1, Http2TestPeer.block(":status", "103")));
            }
            assertThat(Http2Embedded.pings(peer, 1)).isZero();
        }
    }

    @Test
    void anIdleServerIsNotAsked() {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, AFTER, TIMEOUT))) {
            ScriptedPeer peer = embedded.nextPeer();
            embedded.get();
            peer.send(Http2Embedded.response(1, "done"));
            embedded.server.time().advance(AFTER.plusSeconds(3));
            TestExchange next = embedded.get();
            embedded.server.time().advance(AFTER.minusMillis(1));
            assertThat(Http2Embedded.pings(peer, 1)).isZero();
            peer.send(Http2Embedded.response(3, "next"));
            assertThat(next.body).isCompletedWithValue("next");
        }
    }

    @Test
    void aServerThatDoesNotAnswerThePingIsDead() {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, AFTER, TIMEOUT))) {
            ScriptedPeer peer = embedded.nextPeer();
            TestExchange exchange = embedded.get();
            embedded.server.time().advance(AFTER.plus(TIMEOUT).minusMillis(1));
            assertThat(exchange.body).isNotDone();
            embedded.server.time().advance(Duration.ofMillis(1));
            assertThat(exchange.body)
                    .isCompletedExceptionally()
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withMessageContaining(
                            "the connection ended before the server answered: the server has not answered a PING"
                                    + " within 5000 ms: the connection is taken to be dead");
            assertThat(exchange.safety).isEqualTo(RetrySafety.IF_IDEMPOTENT);
            assertThat(peer.isOpen()).isFalse();

            ScriptedPeer other = embedded.nextPeer();
            TestExchange next = embedded.get();
            other.send(Http2Embedded.response(1, "alive"));
            assertThat(next.body).isCompletedWithValue("alive");
        }
    }

    @Test
    void aServerThatSendsMuchMayAnswerThePingLate() {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, AFTER, TIMEOUT))) {
            ScriptedPeer peer = embedded.nextPeer();
            TestExchange exchange = embedded.get();
            embedded.server.time().advance(AFTER);
            byte[] response = Http2Embedded.response(1, "slowly");
            for (byte each : response) {
                embedded.server.time().advance(TIMEOUT.minusMillis(1));
                peer.send(new byte[] {each});
            }
            assertThat(exchange.body).isCompletedWithValue("slowly");
        }
    }

    @Test
    void aSuspectGetsNoExchangesUntilItAnswers() throws Exception {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, NEVER, TIMEOUT))) {
            ScriptedPeer suspect = embedded.nextPeer();
            TestExchange timedOut = embedded.get();
            embedded.get();
            embedded.nextPeer();
            timedOut.awaitControl().cancel(true);
            assertThat(Http2Embedded.pings(suspect, 1)).isEqualTo(1);
            TestExchange next = embedded.get();
            embedded.server.peers().get(1).send(Http2Embedded.response(1, "on another"));
            assertThat(next.body).isCompletedWithValue("on another");

            suspect.send(Http2Embedded.pingAnswer(1));
            // The fullest first.
            TestExchange again = embedded.get();
            suspect.send(Http2Embedded.response(5, "trusted again"));
            assertThat(again.body).isCompletedWithValue("trusted again");
            embedded.server.time().advance(TIMEOUT);
            assertThat(suspect.isOpen()).isTrue();
        }
    }

    @Test
    void aSuspectThatDoesNotAnswerIsClosed() throws Exception {
        try (Http2Embedded embedded = new Http2Embedded(Http2TestClient.pings(9, NEVER, TIMEOUT))) {
            ScriptedPeer suspect = embedded.nextPeer();
            TestExchange timedOut = embedded.get();
            TestExchange other = embedded.get();
            timedOut.awaitControl().cancel(true);
            embedded.server.time().advance(TIMEOUT);
            assertThat(suspect.isOpen()).isFalse();
            assertThat(other.awaitFailure()).hasMessageContaining("has not answered a PING");
            assertThat(timedOut.body).as("nothing is told after a cancel").isNotDone();
        }
    }

    /** The call that suspects may come from any thread, and the next acquire may follow at once. */
    @Test
    void aSuspectGetsNoExchangesFromTheCallOn() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    peer.awaitRequest();
                    arrived.complete(null);
                    peer.awaitEnd();
                });
                Http2TestClient client =
                        new Http2TestClient(server.port(), Http2TestClient.pings(9, NEVER, NEVER), 1)) {
            TestExchange exchange = client.get("/");
            Http2TestClient.get(arrived);
            exchange.awaitControl().cancel(true);
            Lease<HttpConnection> lease = client.manager.tryAcquire(client.endpoint);
            assertThat(lease).isNull();
        }
    }
}
