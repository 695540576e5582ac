package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The resources that all connections share: descriptors, memory, ports and event loops. */
class ManagerResourcesTest extends ManagerRig {
    private static final Endpoint C = Endpoint.of("line", "c", 1);

    @Tag("F01")
    @ParameterizedTest
    @ValueSource(ints = {24, 23, 105, 12})
    void aDialWithoutResourcesIsRetriedAfterAnIdleConnectionIsClosed(int number) {
        lease(A).release();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().fail(new DialException(Phase.CONNECT, number, "no more", null));
        tasks.runAll();
        assertThat(acquired).isNotDone();
        assertThat(connector.openLinks()).as("the idle connection is closed").isZero();
        succeedDial();
        assertThat(acquired).isCompleted();
    }

    @Test
    void anyOtherFailureOfADialIsToldAtOnce() {
        lease(A).release();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(acquired).isCompletedExceptionally();
        assertThat(connector.openLinks()).isEqualTo(1);
    }

    @Test
    @Tag("F01")
    void withoutAnIdleConnectionTheAcquireFailsAndTheNextDialIsDelayed() {
        lease(A);
        CompletableFuture<Lease<FakeConnection>> failed = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().runOutOfDescriptors();
        tasks.runAll();
        assertThat(failure(failed))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, thrown -> assertThat(thrown.errorNumber())
                        .isEqualTo(24))
                .hasMessageContaining("Too many open files");

        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(C);
        tasks.runAll();
        assertThat(connector.dials()).hasSize(2);
        assertThat(manager.snapshot().limits().maxOpen()).isEqualTo(128);
        time.advance(Duration.ofSeconds(1));
        succeedDial();
        assertThat(next).isCompleted();
    }

    // ---- event loops

    @Test
    void anAcquireOnAnEventLoopGetsAConnectionOfThatLoop() {
        replaceManager(10, 10);
        Executor callersLoop = Runnable::run;
        Executor otherLoop = task -> tasks.execute(task);
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        tasks.runAll();
        FakeLink wanted = connector.nextDial().succeedOn(callersLoop);
        FakeLink other = connector.nextDial().succeedOn(otherLoop);
        tasks.runAll();
        first.join().release();
        second.join().release();

        connector.eventLoop(Thread.currentThread(), callersLoop);
        Lease<FakeConnection> lease = manager.acquire(A).join();
        assertThat(lease.connection().link()).isSameAs(wanted);
        assertThat(manager.tryAcquire(A).connection().link()).isSameAs(other);
        lease.release();
        assertThat(manager.tryAcquire(A).connection().link()).isSameAs(wanted);
    }

    @Test
    void aDialForAnAcquireOnAnEventLoopNamesThatLoop() {
        Executor callersLoop = task -> tasks.execute(task);
        manager.acquire(B);
        connector.eventLoop(Thread.currentThread(), callersLoop);
        manager.acquire(A);
        tasks.runAll();
        assertThat(connector.nextDial().callerLoop()).isNull();
        assertThat(connector.nextDial().callerLoop()).isSameAs(callersLoop);
    }

    @Test
    void aLinkWhoseEventLoopThrowsHasNoEventLoop() {
        replaceManager(outer -> new ForwardingConnector(outer) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new ForwardingLinkEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(new ForwardingLink(link) {
                            @Override
                            public Executor eventLoop() {
                                throw new IllegalStateException("no loop");
                            }
                        });
                    }
                });
            }
        });
        assertThat(lease().uses()).isEqualTo(1);
    }
}
