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

/** Several managers share one number of permits. With the real clock and real threads. */
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
    void everyPermitIsBackAtTheEnd() throws Exception {
        for (ConnectionManager<FakeConnection> manager : managers) {
            manager.close();
            manager.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        assertThat(budget.inUse()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    private static Lease<FakeConnection> leaseOf(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        return acquired.get(10, TimeUnit.SECONDS);
    }

    @Test
    void managersShareABudget() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        leaseOf(one.acquire(A));
        Lease<FakeConnection> second = leaseOf(other.acquire(A));
        CompletableFuture<Lease<FakeConnection>> third = one.acquire(B);

        assertThat(budget.inUse()).isEqualTo(2);
        assertThat(budget.waiting()).isOne();
        assertThat(third).isNotDone();
        assertThat(one.snapshot().all().awaitingPermit()).isOne();

        second.invalidate();
        assertThat(leaseOf(third).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(leaseOf(third).timings().get(Phase.PERMIT)).isPositive();
    }

    @Test
    void anIdleConnectionOfAnotherManagerIsClosedForAWaiter() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        leaseOf(one.acquire(A)).release();
        Lease<FakeConnection> kept = leaseOf(one.acquire(B));
        leaseOf(other.acquire(A));

        assertThat(connectors.get(0).openLinks()).isOne();
        assertThat(kept.release()).isTrue();
    }

    @Test
    void onlyAsManyIdleConnectionsAreClosedAsAreNeeded() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        Lease<FakeConnection> first = leaseOf(one.acquire(A));
        leaseOf(one.acquire(A)).release();
        first.release();
        leaseOf(other.acquire(A));

        assertThat(one.snapshot().all().idle()).isOne();
    }

    @Test
    void aBusyManagerGivesUpThePermitOfItsNextReleaseAfterPatience() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        one.maxOpenPerEndpoint(2);
        AtomicInteger served = new AtomicInteger();
        for (int i = 0; i < 6; i++) {
            useAgain(one, served);
        }
        await().until(() -> served.get() > 100);
        assertThat(leaseOf(other.acquire(A)).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    private void useAgain(ConnectionManager<FakeConnection> manager, AtomicInteger served) {
        manager.acquire(A).whenCompleteAsync((lease, failure) -> {
            if (lease != null) {
                served.incrementAndGet();
                lease.release();
                useAgain(manager, served);
            }
        });
    }

    @Test
    void aManagerClosesItsOwnIdleConnectionForItsOwnWaiter() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        leaseOf(one.acquire(A)).release();
        leaseOf(one.acquire(B)).release();
        assertThat(leaseOf(one.acquire(Endpoint.of("line", "c", 1))).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(connectors.get(0).mostOpenLinks()).isLessThanOrEqualTo(2);
    }

    @Test
    void aTimeoutWhileWaitingForAPermitTellsSoAndCancelsThePermitRequest() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        leaseOf(one.acquire(A));
        leaseOf(one.acquire(A));
        assertThatThrownBy(() -> one.acquire(AcquireRequest.to(B).withTimeout(Duration.ofMillis(20)))
                        .join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(AcquireException.TimedOut.class, failure -> assertThat(failure.phase())
                        .isEqualTo(Phase.PERMIT));
        await().until(() -> budget.waiting() == 0);
    }

    @Test
    void aClosedManagerGivesAllItsPermitsBack() throws Exception {
        ConnectionManager<FakeConnection> one = manager();
        ConnectionManager<FakeConnection> other = manager();
        leaseOf(one.acquire(A));
        leaseOf(one.acquire(A));
        CompletableFuture<Lease<FakeConnection>> waiting = other.acquire(A);
        one.close();
        assertThat(leaseOf(waiting).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void noMoreConnectionsAreOpenThanTheBudgetAllowsAndAllAreServed() throws Exception {
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
    void aBudgetCanCountTheDescriptorsOfTheProcess() {
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
