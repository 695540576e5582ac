package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, H: leases that are ended twice, used after their end, or leaked. */
class FaultsOfHandlesTest extends ManagerRig {
    @Test
    @Tag("H01")
    void aLeaseThatIsEndedTwiceEndsOnceAndAffectsNoOtherHolder() {
        Lease<FakeConnection> first = lease();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        assertThat(first.release()).isTrue();
        assertThat(first.release()).isFalse();
        assertThat(first.invalidate()).isFalse();
        first.close();
        tasks.runAll();
        assertThat(second.join().connection().link().isOpen()).isTrue();
        assertThat(third).isNotDone();
        second.join().release();
        tasks.runAll();
        third.join().release();
    }

    @Test
    @Tag("H03")
    void aLeaseThatIsUsedAfterItsReleaseThrowsAndTheNextHolderIsNotAffected() {
        Lease<FakeConnection> first = lease();
        first.release();
        Lease<FakeConnection> second = manager.acquire(A).join();
        assertThatThrownBy(first::connection)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
        assertThat(second.connection().link().isOpen()).isTrue();
        second.release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("H05")
    void theConnectionOfALeakedLeaseIsClosedAndTheWaiterIsServed() {
        FakeLink link = leaseAndLeak();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        patrolUntil(() -> !link.isOpen());
        succeedDial();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(manager.snapshot().totals().leaked()).isEqualTo(1);
        waiting.join().release();
    }

    @Test
    @Tag("H05")
    void aLeaseThatWasEndedIsNotLeaked() {
        for (int i = 0; i < 10; i++) {
            lease().invalidate();
        }
        Lease<FakeConnection> kept = lease();
        for (int i = 0; i < 3; i++) {
            System.gc();
            time.advance(Duration.ofSeconds(2));
            tasks.runAll();
        }
        assertThat(manager.snapshot().totals().leaked()).isZero();
        assertThat(kept.release()).isTrue();
    }

    private FakeLink leaseAndLeak() {
        return lease().connection().link();
    }

    private void patrolUntil(BooleanSupplier condition) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            time.advance(Duration.ofSeconds(1));
            tasks.runAll();
            return condition.getAsBoolean();
        });
    }

    @Test
    @Tag("H07")
    void aCloseThatBlocksHoldsUpNoOtherLeakedLease() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FakeConnector prompt = FakeConnector.prompt();
        ForwardingConnector slow = new ForwardingConnector(prompt) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(
                        request, request.endpoint().equals(A) ? slowToClose(events, blocked, goOn) : events);
            }
        };
        try (var threaded =
                ConnectionManager.builder(slow).maxOpenPerEndpoint(1).build()) {
            leaseAndLeak(threaded, A);
            awaitLeaked(threaded, 1);
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            leaseAndLeak(threaded, B);
            awaitLeaked(threaded, 2);
            threaded.acquire(B).get(30, TimeUnit.SECONDS).release();
            goOn.countDown();
            LeakCheck.of(threaded, prompt).limits(128, 1).check();
        }
    }

    private static void leaseAndLeak(ConnectionManager<FakeConnection> manager, Endpoint endpoint) throws Exception {
        assertThat(manager.acquire(endpoint).get(30, TimeUnit.SECONDS).uses()).isEqualTo(1);
    }

    private static void awaitLeaked(ConnectionManager<?> manager, long count) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return manager.snapshot().totals().leaked() == count;
        });
    }

    private static LinkEvents<FakeConnection> slowToClose(
            LinkEvents<FakeConnection> events, CountDownLatch blocked, CountDownLatch goOn) {
        return new ForwardingLinkEvents(events) {
            @Override
            public void opened(Link<FakeConnection> link) {
                super.opened(new ForwardingLink(link) {
                    @Override
                    public void close() {
                        blocked.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        super.close();
                    }
                });
            }
        };
    }
}
