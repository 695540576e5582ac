package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.docs.LineStreams.Caller;
import dev.keepalive.docs.LineStreamsServer.Connection;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A protocol with many streams on one connection, against a real server that counts. {@code -Dcalls=N} sets the load.
 */
class SharedConnectionsTest {
    private static final int CALLS = Integer.getInteger("calls", 20_000);

    private final LineStreamsServer server = new LineStreamsServer(10);
    private final Endpoint endpoint = server.endpoint();
    private ConnectionManager<Caller> manager;

    private static ManagerBuilder<Caller> builder() {
        return ConnectionManager.builder(NettyConnector.builder().build(LineStreams.PROTOCOL));
    }

    private void open(int maxOpenPerEndpoint) {
        manager = builder().maxOpenPerEndpoint(maxOpenPerEndpoint).build();
    }

    @AfterEach
    void nothingIsLost() throws Exception {
        await().until(() -> manager.snapshot().all().leases() == 0);
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(server.tooMany).as("streams above the acknowledged settings").hasValue(0);
        server.close();
    }

    private Lease<Caller> acquire() throws Exception {
        return get(manager.acquire(endpoint));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static RequestException lost(CompletableFuture<?> answer) throws Exception {
        try {
            throw new AssertionError("answered: " + get(answer));
        } catch (ExecutionException e) {
            return (RequestException) e.getCause();
        }
    }

    private Connection connection(int number) {
        await().until(() -> server.connections.size() > number);
        return server.connections.get(number);
    }

    /** Begins calls whose answers the server holds, each on a lease of its own. */
    private List<CompletableFuture<String>> heldCalls(List<Lease<Caller>> leases, int count) throws Exception {
        server.holds = true;
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(acquire());
            answers.add(leases.get(i).connection().call("call " + (i + 1)));
        }
        Connection connection = connection(0);
        await().untilAsserted(
                        () -> server.run(() -> assertThat(connection.streams).hasSize(count)));
        return answers;
    }

    @Test
    void manyLeasesShareAConnectionAndEachGetsItsOwnAnswer() throws Exception {
        open(1);
        List<Lease<Caller>> leases = new ArrayList<>();
        List<CompletableFuture<String>> answers = heldCalls(leases, 10);
        assertThat(manager.snapshot().all().leases()).isEqualTo(10);
        assertThat(manager.snapshot().all().leased()).isEqualTo(1);
        CompletableFuture<Lease<Caller>> waits = manager.acquire(endpoint);
        server.run(() -> {
            connection(0).answer(7);
            connection(0).answer(3);
        });
        assertThat(get(answers.get(6))).isEqualTo("call 7");
        assertThat(get(answers.get(2))).isEqualTo("call 3");
        assertThat(waits).as("the lease has not ended").isNotDone();
        leases.get(6).release();
        get(waits).release();
        server.run(() -> connection(0).answerAll());
        for (int i = 0; i < 10; i++) {
            assertThat(get(answers.get(i))).isEqualTo("call " + (i + 1));
            leases.get(i).release();
        }
        assertThat(server.accepted).hasValue(1);
        assertThat(server.mostStreams).hasValue(10);
    }

    @ParameterizedTest
    @CsvSource({"20, 100, 10", "4, 100, 4", "20, 60, 17"})
    void aBurstToAColdEndpointOpensAsManyConnectionsAsItNeeds(int limit, int settings, int connections)
            throws Exception {
        server.settings = settings;
        manager = builder().maxOpenPerEndpoint(limit).build();
        List<CompletableFuture<Lease<Caller>>> acquires = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            acquires.add(manager.acquire(endpoint));
        }
        int served = Math.min(1_000, limit * settings);
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(acquires.stream().filter(CompletableFuture::isDone))
                        .hasSize(served));
        assertThat(server.accepted).hasValue(connections);
        assertThat(manager.snapshot().all().leases()).isEqualTo(served);
        for (CompletableFuture<Lease<Caller>> acquire : acquires) {
            Lease<Caller> lease = get(acquire);
            assertThat(get(lease.connection().call("ping"))).isEqualTo("ping");
            lease.release();
        }
        assertThat(server.accepted).hasValue(connections);
    }

    // ---- what fails one lease alone

    @Test
    void aStreamThatTheServerRefusesFailsAloneAndMaySafelyBeSentAgain() throws Exception {
        open(1);
        List<Lease<Caller>> leases = new ArrayList<>();
        List<CompletableFuture<String>> answers = heldCalls(leases, 3);
        server.run(() -> connection(0).refuse(2));
        RequestException refused = lost(answers.get(1));
        assertThat(refused.isUnsent()).isTrue();
        assertThat(refused).hasMessage("the server refuses; the peer has not processed it");
        server.run(() -> connection(0).answerAll());
        assertThat(get(answers.get(0))).isEqualTo("call 1");
        assertThat(get(answers.get(2))).isEqualTo("call 3");
        leases.forEach(Lease::release);
        assertThat(server.accepted).hasValue(1);
    }

    @Test
    void aLeaseThatEndsEarlyCancelsItsStreamAndNoOther() throws Exception {
        open(1);
        List<Lease<Caller>> leases = new ArrayList<>();
        List<CompletableFuture<String>> answers = heldCalls(leases, 3);
        leases.get(0).invalidate();
        assertThat(lost(answers.get(0)).isUnsent()).isFalse();
        await().untilAtomic(server.cancelled, org.hamcrest.Matchers.equalTo(1));
        server.run(() -> connection(0).answerAll());
        assertThat(get(answers.get(1))).isEqualTo("call 2");
        leases.forEach(Lease::release);
        acquire().release();
        assertThat(server.accepted).hasValue(1);
    }

    @Test
    void aLeaseThatFindsNoRoomFailsAlone() throws Exception {
        open(1);
        List<Lease<Caller>> leases = new ArrayList<>();
        List<CompletableFuture<String>> answers = heldCalls(leases, 2);
        Lease<Caller> third = acquire();
        server.run(() -> connection(0).announce(2));
        await().until(() -> manager.snapshot().all().room() == 0);
        RequestException noRoom = lost(third.connection().call("call 3"));
        assertThat(noRoom.isUnsent()).isTrue();
        third.release();
        server.run(() -> connection(0).answerAll());
        assertThat(get(answers.get(0))).isEqualTo("call 1");
        leases.forEach(Lease::release);
    }

    // ---- the server goes away

    @Test
    void whatTheServerHasNotProcessedMaySafelyBeSentAgainAndTheRestIsAnswered() throws Exception {
        open(2);
        List<Lease<Caller>> leases = new ArrayList<>();
        List<CompletableFuture<String>> answers = heldCalls(leases, 5);
        server.run(() -> connection(0).goAway(3));
        assertThat(lost(answers.get(3)).isUnsent()).isTrue();
        assertThat(lost(answers.get(4)).isUnsent()).isTrue();
        Lease<Caller> next = acquire();
        assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(manager.snapshot().all().leaving()).isEqualTo(1);
        server.run(() -> connection(0).answerAll());
        for (int i = 0; i < 3; i++) {
            assertThat(get(answers.get(i))).isEqualTo("call " + (i + 1));
        }
        assertThat(server.open()).isEqualTo(2);
        leases.forEach(Lease::release);
        await().until(() -> server.open() == 1);
        next.release();
    }

    @Test
    void aServerThatGoesAwayBeforeItTakesAnythingFailsTheDial() throws Exception {
        server.goesAwayAtOnce = true;
        open(1);
        assertThatThrownBy(() -> get(manager.acquire(endpoint)))
                .hasCauseInstanceOf(AcquireException.DialFailed.class)
                .hasStackTraceContaining("retired before the dial was complete");
    }

    @Test
    void aServerThatNeverSaysWhatItTakesFailsTheDialInTime() throws Exception {
        server.settings = -1;
        manager = builder().dialTimeout(Duration.ofSeconds(3)).build();
        assertThatThrownBy(() -> get(manager.acquire(endpoint)))
                .hasCauseInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("takes no lease yet");
        await().until(() -> server.open() == 0);
    }

    @Test
    void aConnectionThatTakesNothingForNowKeepsNewcomersWaiting() throws Exception {
        open(1);
        acquire().release();
        server.run(() -> connection(0).announce(0));
        await().until(() -> manager.snapshot().all().room() == 0);
        CompletableFuture<Lease<Caller>> waits = manager.acquire(endpoint);
        assertThat(waits).isNotDone();
        server.run(() -> connection(0).announce(1));
        assertThat(get(waits).release()).isTrue();
        assertThat(server.accepted).hasValue(1);
    }

    // ---- all of it at the same time

    @Test
    void nothingIsLostWhileTheServerChangesItsMind() throws Exception {
        open(3);
        AtomicInteger done = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Future<Void>> callers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            callers.add(threads.submit(() -> callUntilDone(done)));
        }
        Random random = new Random(7);
        while (done.get() < CALLS && callers.stream().noneMatch(Future::isDone)) {
            server.run(() -> changeItsMind(random));
        }
        server.run(() -> server.connections.stream()
                .filter(each -> each.channel.isActive())
                .forEach(each -> each.announce(5)));
        for (Future<Void> caller : callers) {
            caller.get(1, TimeUnit.MINUTES);
        }
        threads.shutdown();
        assertThat(done).hasValueGreaterThanOrEqualTo(CALLS);
    }

    private void changeItsMind(Random random) {
        List<Connection> open = server.connections.stream()
                .filter(each -> each.channel.isActive())
                .toList();
        server.settings = 1 + random.nextInt(20);
        if (!open.isEmpty()) {
            Connection one = open.get(random.nextInt(open.size()));
            switch (random.nextInt(20)) {
                case 0 -> one.goAway(Math.max(0, one.lastSeen() - random.nextInt(3)));
                case 1 -> one.channel.close();
                case 2, 3 -> one.announce(0);
                default -> one.announce(random.nextInt(20));
            }
        }
    }

    /** With the idiom of the documents: what is safe to send again is sent again; so is a call that only reads. */
    private Void callUntilDone(AtomicInteger done) throws Exception {
        for (int call = done.incrementAndGet(); call <= CALLS; call = done.incrementAndGet()) {
            String request = "call " + call;
            String answer = null;
            while (answer == null) {
                try {
                    answer = manager.blocking()
                            .use(endpoint, lease -> get(lease.connection().call(request)));
                } catch (ExecutionException | AcquireException lost) {
                    Thread.onSpinWait();
                }
            }
            assertThat(answer).isEqualTo(request);
        }
        return null;
    }
}
