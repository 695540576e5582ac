package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One number of connections for several managers. With the real clock and threads. */
class ManagerBudgetTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final Budget budget = Budget.of(2);
    private final List<FakeConnector> connectors = new ArrayList<>();
    private final List<ConnectionManager<FakeConnection>> managers = new ArrayList<>();

    private ConnectionManager<FakeConnection> manager() {
        FakeConnector connector = FakeConnector.prompt();
        ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
                .name("manager-" + managers.size())
                .budget(budget)
                .build();
        connectors.add(connector);
        managers.add(manager);
        return manager;
    }

    @AfterEach
    void everyPermitIsBackInTheEnd() throws Exception {
        for (ConnectionManager<FakeConnection> manager : managers) {
            manager.close();
            manager.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        assertThat(budget.inUse()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    private static Lease<FakeConnection> get(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        return acquired.get(10, TimeUnit.SECONDS);
    }

    @Test
    void managersShareIt() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        get(one.acquire(A));
        Lease<FakeConnection> second = get(other.acquire(A));
        CompletableFuture<Lease<FakeConnection>> third = one.acquire(B);

        assertThat(budget.inUse()).isEqualTo(2);
        assertThat(budget.waiting()).isOne();
        assertThat(third).isNotDone();
        assertThat(one.snapshot().all().awaitingPermit()).isOne();

        second.invalidate();
        assertThat(get(third).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(get(third).timings().get(Phase.PERMIT)).isPositive();
    }

    @Test
    void whatAnotherManagerHoldsIdleIsClosedForWhoWaits() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        get(one.acquire(A)).release();
        Lease<FakeConnection> kept = get(one.acquire(B));
        get(other.acquire(A));

        assertThat(connectors.get(0).openLinks()).isOne();
        assertThat(kept.release()).isTrue();
    }

    @Test
    void onlyAsMuchIsClosedAsIsWanted() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        Lease<FakeConnection> first = get(one.acquire(A));
        get(one.acquire(A)).release();
        first.release();
        get(other.acquire(A));

        assertThat(one.snapshot().all().idle()).isOne();
    }

    @Test
    void aBusyManagerPaysWithWhatIsReleasedNextOncePatienceIsOver() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        one.maxOpenPerEndpoint(2);
        AtomicInteger served = new AtomicInteger();
        for (int i = 0; i < 6; i++) {
            again(one, served);
        }
        await().until(() -> served.get() > 100);
        assertThat(get(other.acquire(A)).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    private void again(ConnectionManager<FakeConnection> manager, AtomicInteger served) {
        manager.acquire(A).whenCompleteAsync((lease, failure) -> {
            if (lease != null) {
                served.incrementAndGet();
                lease.release();
                again(manager, served);
            }
        });
    }

    @Test
    void aManagerMakesWayForItself() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        get(one.acquire(A)).release();
        get(one.acquire(B)).release();
        assertThat(get(one.acquire(Endpoint.of("line", "c", 1))).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(connectors.get(0).mostOpenLinks()).isLessThanOrEqualTo(2);
    }

    @Test
    void aTimeoutInTheBudgetsLineSaysSoAndLeavesTheLine() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        get(one.acquire(A));
        get(one.acquire(A));
        assertThatThrownBy(() -> one.acquire(AcquireRequest.to(B).withTimeout(Duration.ofMillis(20)))
                        .join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(AcquireException.TimedOut.class, failure -> assertThat(failure.phase())
                        .isEqualTo(Phase.PERMIT));
        await().until(() -> budget.waiting() == 0);
    }

    @Test
    void aClosedManagerLeavesEverythingToTheOthers() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        get(one.acquire(A));
        get(one.acquire(A));
        CompletableFuture<Lease<FakeConnection>> waiting = other.acquire(A);
        one.close();
        assertThat(get(waiting).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void neverAreMoreOpenThanItAllowsAndAllAreServed() throws Exception {
        AtomicInteger open = new AtomicInteger();
        List<ConnectionManager<FakeConnection>> all = List.of(manager(), manager(), manager());
        int each = 2_000;
        AtomicInteger served = new AtomicInteger();
        var threads = Executors.newFixedThreadPool(6);
        for (int thread = 0; thread < 6; thread++) {
            ConnectionManager<FakeConnection> mine = all.get(thread % 3);
            threads.execute(() -> {
                for (int i = 0; i < each; i++) {
                    use(mine, open, served);
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(120, TimeUnit.SECONDS)).isTrue();
        assertThat(served).hasValue(6 * each);
        int mostAtOnce = connectors.stream().mapToInt(FakeConnector::openLinks).sum();
        assertThat(mostAtOnce).isLessThanOrEqualTo(2);
    }

    private static void use(ConnectionManager<FakeConnection> manager, AtomicInteger open, AtomicInteger served) {
        Endpoint endpoint = ThreadLocalRandom.current().nextBoolean() ? A : B;
        Lease<FakeConnection> lease = manager.acquire(endpoint).join();
        assertThat(open.incrementAndGet()).isLessThanOrEqualTo(2);
        served.incrementAndGet();
        open.decrementAndGet();
        if (ThreadLocalRandom.current().nextInt(4) == 0) {
            lease.invalidate();
        } else {
            lease.release();
        }
    }

    @Test
    void theDescriptorsOfTheProcessAreABudgetToo() {
        Budget descriptors = Budget.ofDescriptors(20);
        assertThat(descriptors.permits()).isPositive();
        assertThat(descriptors)
                .hasToString(
                        "budget " + descriptors.permits() + " of " + (descriptors.permits() + 20) + " descriptors");
        assertThatThrownBy(() -> Budget.ofDescriptors(Integer.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reserve 2147483647 is not allowed: 0 to ");
        assertThatThrownBy(() -> Budget.ofDescriptors(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Budget.of(0)).hasMessage("permits 0 is not allowed: at least 1");
    }
}
