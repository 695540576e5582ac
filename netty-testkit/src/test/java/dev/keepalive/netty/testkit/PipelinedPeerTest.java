package dev.keepalive.netty.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.Requests;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client whose requests are pipelined, against a peer by script. */
class PipelinedPeerTest {
    private final EmbeddedConnector<Requests<String, String>> lines =
            EmbeddedConnector.of(EmbeddedRig.LINES.pipelined(2));
    private final ConnectionManager<Requests<String, String>> manager =
            lines.managerBuilder().maxOpenPerEndpoint(1).build();
    private final Endpoint endpoint = Endpoint.parse("lines://server.example:7");

    @AfterEach
    void allWasExpectedAndNothingIsLeft() {
        lines.check();
        lines.leakCheck(manager).check();
    }

    private CompletableFuture<String> use(String request) {
        return manager.use(endpoint, lease -> lease.connection().send(request));
    }

    @Test
    void requestsAreSentWithoutWaitingForTheAnswersToOthers() {
        CompletableFuture<String> one = use("one\n");
        CompletableFuture<String> two = use("two\n");
        CompletableFuture<String> three = use("three\n");
        ScriptedPeer peer = lines.peers().get(0).expect("one\n", "two\n");
        assertThat(lines.peers()).hasSize(1);
        peer.send("ONE\n").expect("three\n").send("TWO\n", "THREE\n");
        assertThat(one).isCompletedWithValue("ONE");
        assertThat(two).isCompletedWithValue("TWO");
        assertThat(three).isCompletedWithValue("THREE");
    }

    @Test
    void anAnswerThatNobodyWaitsForIsDropped() {
        Lease<Requests<String, String>> early = manager.acquire(endpoint).join();
        CompletableFuture<String> dropped = early.connection().send("one\n");
        CompletableFuture<String> two = use("two\n");
        early.close();
        EmbeddedRig.lost(dropped);
        lines.peers().get(0).expect("one\n", "two\n").send("ONE\n", "TWO\n");
        assertThat(two).isCompletedWithValue("TWO");
        assertThat(lines.open()).isEqualTo(1);
    }

    @Test
    void answersThatDoNotComeCostTheConnectionItsFurtherLeases() {
        EmbeddedConnector<Requests<String, String>> silent = EmbeddedConnector.of(
                EmbeddedRig.LINES.withAnswerTimeout(Duration.ofMinutes(1)).pipelined(2));
        try (ConnectionManager<Requests<String, String>> connections =
                silent.managerBuilder().maxOpenPerEndpoint(1).build()) {
            Lease<Requests<String, String>> early =
                    connections.acquire(endpoint).join();
            Lease<Requests<String, String>> other =
                    connections.acquire(endpoint).join();
            early.connection().send("one\n");
            early.release();
            silent.time().advance(Duration.ofSeconds(5));
            assertThat(connections.snapshot().all().leaving()).isEqualTo(1);
            silent.peers().get(0).expect("one\n").send("ONE\n");
            other.release();
            silent.peers().get(0).expectEnd();
            silent.check();
        }
    }

    @Test
    void aPeerThatBreaksFailsAll() {
        CompletableFuture<String> one = use("one\n");
        CompletableFuture<String> two = use("two\n");
        lines.peers().get(0).expect("one\n", "two\n").reset();
        assertThat(EmbeddedRig.lost(one).isUnsent()).isFalse();
        assertThat(EmbeddedRig.lost(two).isUnsent()).isFalse();
        assertThat(lines.open()).isZero();
    }

    @Test
    void aPeerThatSaysTooMuchLosesItsConnection() {
        CompletableFuture<String> one = use("one\n");
        lines.peers().get(0).expect("one\n").send("ONE\nST").expectEnd();
        assertThat(one).isCompletedWithValue("ONE");
    }

    @Test
    void silenceEndsWithTheAnswerTimeout() {
        CompletableFuture<String> one = use("one\n");
        CompletableFuture<String> two = use("two\n");
        lines.peers().get(0).expect("one\n", "two\n");
        lines.time().advance(EmbeddedRig.ANSWER_TIMEOUT);
        EmbeddedRig.assertTimedOut(EmbeddedRig.lost(one));
        EmbeddedRig.assertTimedOut(EmbeddedRig.lost(two));
    }
}
