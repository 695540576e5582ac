package dev.keepalive.docs;

import static dev.keepalive.docs.ClientExamplesTest.LINES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.docs.LineStreams.Caller;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The examples of docs/protocols.md and docs/cookbook.md for connections that several leases share. */
class SharedExamplesTest {
    static ConnectionManager<Requests<String, String>> pipelinedManager() {
        var protocol = LINES.withAnswerTimeout(Duration.ofSeconds(2)).pipelined(64); // leases on each connection
        return ConnectionManager.builder(NettyConnector.builder().build(protocol))
                .maxOpenPerEndpoint(1)
                .build();
    }

    @Test
    void manyRequestsShareOneConnection() throws Exception {
        try (PongServer server = new PongServer();
                var connections = pipelinedManager()) {
            Endpoint redis = Endpoint.parse(server.address());
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(connections.use(redis, lease -> lease.connection().send("PING\r\n")));
            }
            for (CompletableFuture<String> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("+PONG");
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    static void testStreamsWithoutSockets() {
        var server = EmbeddedConnector.of(LineStreams.PROTOCOL);
        var endpoint = Endpoint.parse("streams://streams.example:1");
        try (var connections = server.managerBuilder().maxOpenPerEndpoint(2).build()) {
            server.nextPeer().send("settings 2\n").expect("ack\n");
            var one = connections.use(endpoint, lease -> lease.connection().call("one"));
            var two = connections.use(endpoint, lease -> lease.connection().call("two"));
            var peer = server.peers().get(0).expect("1 one\n", "2 two\n");
            peer.send("2 TWO\n"); // in any order
            assertThat(two).isCompletedWithValue("TWO");

            server.nextPeer().send("settings 9\n").expect("ack\n", "1 three\n").send("1 THREE\n");
            peer.send("goaway 1\n"); // takes nothing new, and goes on with the stream that it has
            var three = connections.use(endpoint, lease -> lease.connection().call("three"));
            assertThat(three).isCompletedWithValue("THREE");
            peer.send("1 ONE\n").expectEnd(); // the last lease has ended
            assertThat(one).isCompletedWithValue("ONE");
            server.check();
        }
    }

    @Test
    void aMultiplexedProtocolIsTestedWithoutSockets() {
        testStreamsWithoutSockets();
    }

    // ---- more of the same, for the protocol of the cookbook

    private final EmbeddedConnector<Caller> streams = EmbeddedConnector.of(LineStreams.PROTOCOL);
    private final Endpoint endpoint = Endpoint.parse("streams://streams.example:1");

    private static RequestException lost(CompletableFuture<?> call) {
        try {
            throw new AssertionError("answered: " + call.join());
        } catch (CompletionException e) {
            return (RequestException) e.getCause();
        }
    }

    @Test
    void aPeerChangesWhatItTakes() {
        try (var connections = streams.managerBuilder().maxOpenPerEndpoint(1).build()) {
            streams.nextPeer().send("settings 1\n");
            Lease<Caller> first = connections.acquire(endpoint).join();
            CompletableFuture<Lease<Caller>> second = connections.acquire(endpoint);
            assertThat(second).isNotDone();
            streams.peers().get(0).send("settings 2\n");
            assertThat(second).isCompleted();
            streams.peers().get(0).send("settings 0\n");
            assertThat(lost(second.join().connection().call("two")).isUnsent()).isTrue();
            first.release();
            second.join().release();
            CompletableFuture<Lease<Caller>> third = connections.acquire(endpoint);
            assertThat(third).isNotDone();
            streams.peers().get(0).send("settings 1\n");
            assertThat(third).isCompleted();
            third.join().release();
            streams.peers().get(0).expect("ack\n", "ack\n", "ack\n", "ack\n");
            streams.check();
            assertThat(connections.snapshot().all().leases()).isZero();
        }
    }

    @Test
    void whatThePeerHasNotProcessedIsSafeToSendAgain() {
        try (var connections = streams.managerBuilder().maxOpenPerEndpoint(1).build()) {
            streams.nextPeer().send("settings 3\n").expect("ack\n");
            var one = connections.use(endpoint, lease -> lease.connection().call("one"));
            var two = connections.use(endpoint, lease -> lease.connection().call("two"));
            var three = connections.use(endpoint, lease -> lease.connection().call("three"));
            streams.peers().get(0).expect("1 one\n", "2 two\n", "3 three\n").send("refused 2\n", "goaway 1\n");
            assertThat(lost(two)).hasMessage("the server refuses; the peer has not processed it");
            assertThat(lost(three)).hasMessage("the server goes away; the peer has not processed it");
            assertThat(lost(three).isUnsent()).isTrue();
            assertThat(one).isNotDone();
            streams.peers().get(0).close();
            assertThat(lost(one).isUnsent()).isFalse();
            streams.check();
        }
    }

    @Test
    void aPeerThatGoesAwayAtOnceFailsTheDial() {
        try (var connections = streams.managerBuilder().build()) {
            streams.nextPeer().send("goaway 0\n");
            CompletableFuture<Lease<Caller>> acquired = connections.acquire(endpoint);
            assertThat(acquired).isCompletedExceptionally();
            assertThat(acquired.handle((lease, failure) -> failure).join())
                    .hasStackTraceContaining("retired before the dial was complete");
        }
    }

    @Test
    void aPeerThatSaysNothingFailsTheDialInTime() {
        try (var connections =
                streams.managerBuilder().dialTimeout(Duration.ofSeconds(3)).build()) {
            CompletableFuture<Lease<Caller>> acquired = connections.acquire(endpoint);
            streams.time().advance(Duration.ofSeconds(3));
            assertThat(acquired).isCompletedExceptionally();
            assertThat(streams.open()).isZero();
        }
    }
}
