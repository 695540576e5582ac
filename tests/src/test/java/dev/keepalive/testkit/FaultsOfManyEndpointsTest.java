package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, F: very many endpoints, bursts, and a host without threads leave nothing behind. */
class FaultsOfManyEndpointsTest extends ManagerRig {
    private static final int MANY = 3_000;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LONGER_THAN_ANY_TIMEOUT = Duration.ofHours(1);

    @Test
    @Tag("F05")
    @Tag("F07")
    void endpointsThatWereUsedOnceLeaveNothingAfterTheIdleTimeout() {
        replaceManager(128, 2);
        connector.answerAtOnce();
        for (int i = 0; i < MANY; i++) {
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(endpoint(i));
            tasks.runAll();
            acquired.join().release();
        }
        assertThat(manager.snapshot().endpoints())
                .as("as many as the total limit allows")
                .hasSize(128);
        assertThat(time.alarmsSet()).as("however many endpoints there are").isEqualTo(1);
        nothingIsLeftAfterTheIdleTimeout();
    }

    @Test
    @Tag("F05")
    void endpointsWhoseDialsFailedLeaveNothingAfterTheIdleTimeout() {
        replaceManager(128, 2);
        for (int i = 0; i < MANY; i++) {
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(endpoint(i));
            tasks.runAll();
            connector.nextDial().refuse();
            tasks.runAll();
            assertThat(failure(acquired)).isInstanceOf(AcquireException.DialFailed.class);
        }
        nothingIsLeftAfterTheIdleTimeout();
    }

    @Test
    @Tag("F05")
    @Tag("F07")
    void endpointsThatWereNeverConnectedLeaveNothing() {
        replaceManager(1, 1);
        Lease<FakeConnection> all = lease();
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            waiting.add(manager.acquire(
                    AcquireRequest.to(endpoint(i)).withTimeout(Duration.ofSeconds(i % 2 == 0 ? 1 : 1_000))));
        }
        assertThat(manager.snapshot().endpoints()).hasSize(MANY + 1);
        assertThat(time.alarmsSet()).isEqualTo(1);
        for (int i = 1; i < MANY; i += 2) {
            waiting.get(i).cancel(false);
        }
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(waiting.get(0))).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        all.release();
        nothingIsLeftAfterTheIdleTimeout();
    }

    @Test
    @Tag("F11")
    void connectionsOfABurstAreGoneAfterTheIdleTimeoutThoughOneIsUsedAgainAndAgain() {
        replaceManager(64, 64);
        connector.answerAtOnce();
        List<CompletableFuture<Lease<FakeConnection>>> burst = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            burst.add(manager.acquire(A));
        }
        tasks.runAll();
        burst.forEach(one -> one.join().release());
        assertThat(manager.snapshot().all().idle()).isEqualTo(64);
        for (int second = 0; second < 15; second++) {
            manager.acquire(A).join().release();
            time.advance(Duration.ofSeconds(1));
            tasks.runAll();
        }
        assertThat(manager.snapshot().all().open()).isEqualTo(1);
        assertThat(connector.openLinks()).isEqualTo(1);
    }

    /** The executor throws what the JDK throws when the host has no thread left. */
    @Test
    @Tag("F10")
    void anExecutorThatIsOutOfThreadsCostsNoPermitAndNoAnswer() {
        boolean[] exhausted = {true};
        replaceManager(
                2,
                1,
                options -> options.callbackExecutor(task -> {
                    if (exhausted[0]) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    tasks.execute(task);
                }));
        connector.answerAtOnce();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(i % 2 == 0 ? A : B);
            await().until(acquired::isDone);
            acquired.join().invalidate();
            await().until(() -> manager.snapshot().all().open() == 0);
        }
        exhausted[0] = false;
    }

    private static Endpoint endpoint(int number) {
        return Endpoint.of("line", "endpoint-" + number, 1);
    }

    private void nothingIsLeftAfterTheIdleTimeout() {
        time.advance(IDLE_TIMEOUT);
        tasks.runAll();
        assertThat(manager.snapshot().endpoints()).isEmpty();
        assertThat(connector.openLinks()).isZero();
        assertThat(time.alarmsSet()).isLessThanOrEqualTo(1);
        time.advance(LONGER_THAN_ANY_TIMEOUT);
        tasks.runAll();
        assertThat(time.alarmsSet())
                .as("the last alarm ended nothing and was not set again")
                .isZero();
    }
}
