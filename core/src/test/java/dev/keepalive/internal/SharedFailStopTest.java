package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A manager whose machine throws closes its shared connections too, and cuts each of their leases short. A lease whose
 * release was cut short by an error is ended when it is garbage.
 */
class SharedFailStopTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final SharedConnector connector = new SharedConnector();
    private final DefaultConnectionManager<String> manager =
            (DefaultConnectionManager<String>) ConnectionManager.builder(connector)
                    .maxOpenPerEndpoint(1)
                    .callbackExecutor(tasks::add)
                    .listener(new Listener())
                    .build();

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private Lease<String> leased(String label) {
        CompletableFuture<Lease<String>> acquired =
                manager.acquire(AcquireRequest.to(A).withLabel(label));
        runAll();
        return acquired.join();
    }

    @Test
    void eachLeaseOfASharedConnectionIsCutShortWhenTheMachineFails() {
        Lease<String> first = leased("1");
        Lease<String> second = leased("2");
        leased("3").release();
        CompletableFuture<Lease<String>> waiting = manager.acquire(A);
        runAll();
        assertThat(waiting).isCompleted();
        assertThatThrownBy(() -> manager.machine().submit((machine, now) -> {
                    machine.tick(now);
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        runAll();
        assertThat(log)
                .contains("cut short line://a:1 (1)", "cut short line://a:1 (2)", "cut short line://a:1")
                .containsOnlyOnce("closed MANAGER_CLOSED after 4 uses");
        assertThat(log.stream().filter(line -> line.startsWith("cut short"))).hasSize(3);
        assertThat(first.isEnded()).isTrue();
        assertThat(first.release()).isFalse();
        assertThat(second.invalidate()).isFalse();
        assertThat(connector.open).isZero();
        assertThat(manager.closed()).isCompleted();
        runAll();
        assertThat(log.stream().filter(line -> line.startsWith("cut short"))).hasSize(3);
    }

    @Test
    void aLeaseThatIsReleasedBeforeTheManagerIsStoppedEndsOnce() {
        Lease<String> lease = leased("1");
        assertThatThrownBy(() -> manager.machine().submit((machine, now) -> {
                    machine.tick(now);
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThat(lease.release()).as("its holder was first").isTrue();
        runAll();
        assertThat(log).noneMatch(line -> line.startsWith("cut short"));
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    void aReleaseThatWasCutShortIsFinishedWhenTheLeaseIsGarbage() {
        SharedLease<String> lease = (SharedLease<String>) leased("1");
        // As far as a release gets that has no stack for its first call.
        assertThat(lease.reference().end()).isTrue();
        assertThat(lease.isEnded()).isTrue();
        assertThat(manager.snapshot().all().leases())
                .as("the machine was not told")
                .isEqualTo(1);
        lease.reference().reclaim();
        runAll();
        assertThat(manager.snapshot().all().leases()).isZero();
        assertThat(log).containsOnlyOnce("leaked line://a:1 (1)");
        lease.reference().reclaim();
        runAll();
        assertThat(log).containsOnlyOnce("leaked line://a:1 (1)");
        manager.close();
        runAll();
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    void anEndThatTheMachineKnowsOfIsNotALeak() {
        SharedLease<String> lease = (SharedLease<String>) leased("1");
        connector.answersResets = false;
        assertThat(lease.release()).isTrue();
        lease.reference().reclaim();
        runAll();
        assertThat(log).noneMatch(line -> line.startsWith("leaked"));
        assertThat(manager.snapshot().totals().leaked()).isZero();
        manager.close();
        runAll();
    }

    /** Records what the listener is told. */
    private final class Listener implements ConnectionListener {
        @Override
        public void leaseCutShort(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            log.add("cut short " + request);
        }

        @Override
        public void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            log.add("leaked " + request);
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            log.add("closed " + reason + " after " + uses + " uses");
        }
    }

    /** A connector whose dials succeed at once, with connections that take ten leases. */
    private static final class SharedConnector implements Connector<String> {
        private int open;
        private boolean answersResets = true;

        @Override
        public void claim() {
            // there is only one manager
        }

        @Override
        public void requireSupported(Endpoint endpoint) {
            // every endpoint is supported
        }

        @Override
        public Dial connect(DialRequest request, LinkEvents<String> events) {
            open++;
            events.capacity(10);
            events.opened(new SharedLinkOfTest(events));
            return () -> {};
        }

        @Override
        public CompletionStage<?> close() {
            return CompletableFuture.completedFuture(null);
        }

        private final class SharedLinkOfTest implements Link<String> {
            private final LinkEvents<String> events;
            private boolean over;

            SharedLinkOfTest(LinkEvents<String> events) {
                this.events = events;
            }

            @Override
            public boolean isShared() {
                return true;
            }

            @Override
            public String handle(Lease<String> lease, long number) {
                return "a connection";
            }

            @Override
            public void reset(long number) {
                if (answersResets) {
                    events.resetDone(number, true);
                }
            }

            @Override
            public void close() {
                if (!over) {
                    over = true;
                    open--;
                    events.closed(null);
                }
            }
        }
    }
}
