package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What may happen to a borrowed connection, of whose lease the machine does not know. */
class ManagerBorrowTest extends ManagerRig {
    /** Borrows the only connection, which is idle. */
    private Lease<FakeConnection> borrowed() {
        lease().release();
        return Objects.requireNonNull(manager.tryAcquire(A));
    }

    @Test
    void aCloseWhileAConnectionIsBorrowedCutsItsUseShort() {
        Lease<FakeConnection> held = borrowed();
        manager.close();
        tasks.runAll();
        assertThat(held.connection().link().isOpen()).isFalse();
        held.release();
        assertThat(manager.drain(Duration.ZERO)).isCompletedWithValue(false);
    }

    @Test
    void aCloseAfterTheBorrowedConnectionIsReleasedCutsNothingShort() {
        borrowed().release();
        manager.close();
        tasks.runAll();
        assertThat(manager.drain(Duration.ZERO)).isCompletedWithValue(true);
    }

    /** Runs inside {@code Link.reset}. */
    private Runnable duringReset = () -> {};

    private void useLinksThatRunDuringReset() {
        replaceManager(outer -> new ForwardingConnector(outer) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new ForwardingLinkEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(new ForwardingLink(link) {
                            @Override
                            public void reset(long number) {
                                duringReset.run();
                                super.reset(number);
                            }
                        });
                    }
                });
            }
        });
    }

    @Test
    void aSecondAnswerToAResetIsNotTakenForTheAnswerToTheNext() {
        useLinksThatRunDuringReset();
        Lease<FakeConnection> held = borrowed();
        FakeLink link = held.connection().link();
        held.release();
        link.answerReset(true);
        Lease<FakeConnection> next = Objects.requireNonNull(manager.tryAcquire(A));
        link.holdResets();
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        duringReset = () -> waiting.add(manager.acquire(A));
        next.release();
        duringReset = () -> {};
        tasks.runAll();
        assertThat(link.resetAsked()).isTrue();
        assertThat(waiting.get(0)).as("no answer before the reset is done").isNotDone();
        link.answerReset(true);
        tasks.runAll();
        assertThat(waiting.get(0)).isDone();
        assertThat(waiting.get(0).join().uses()).isEqualTo(4);
    }

    @Test
    void aTriedAcquireEchoesItsRequest() {
        borrowed().release();
        AcquireRequest request = AcquireRequest.to(A).withLabel("report").withContext("context");

        Lease<FakeConnection> lease = Objects.requireNonNull(manager.tryAcquire(request));

        assertThat(lease.request()).isSameAs(request);
        assertThat(manager.blocking().tryAcquire(request)).as("nothing is idle").isNull();
        lease.release();
        assertThat(manager.blocking().tryAcquire(A)).isNotNull();
    }

    @Test
    void aBorrowedConnectionIsReleasedToAWaiter() {
        Lease<FakeConnection> held = borrowed();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        assertThat(manager.tryAcquire(A)).isNull();
        held.release();
        tasks.runAll();
        assertThat(waiting).isDone();
        assertThat(waiting.join().uses()).isEqualTo(3);
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void aRekeyedConnectionCannotBeAcquiredAtItsFormerEndpoint() {
        borrowed().releaseAs(B);
        assertThat(manager.tryAcquire(A)).isNull();
        Lease<FakeConnection> leaseAtB = Objects.requireNonNull(manager.tryAcquire(B));
        assertThat(leaseAtB.connection().link().endpoint()).isEqualTo(B);
        leaseAtB.releaseAs(A);
        assertThat(manager.tryAcquire(B)).isNull();
        assertThat(Objects.requireNonNull(manager.tryAcquire(A))
                        .connection()
                        .link()
                        .endpoint())
                .isEqualTo(A);
    }

    @Test
    void aRekeyedConnectionServesOnlyItsNewEndpointAfterASlowReset() {
        Lease<FakeConnection> held = borrowed();
        FakeLink link = held.connection().link();
        link.holdResets();
        held.releaseAs(B);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(B)).isNull();
        link.answerReset(true);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(B)).isNotNull();
    }

    @Test
    void aRefusedRekeyLeavesTheLeaseInUse() {
        Lease<FakeConnection> held = borrowed();
        Endpoint unknown = Endpoint.of("unknown", "a", 1);
        assertThatThrownBy(() -> held.releaseAs(unknown)).isInstanceOf(IllegalArgumentException.class);
        assertThat(held.release()).isTrue();
        assertThat(manager.tryAcquire(A)).isNotNull();
    }

    @Test
    void anInvalidatedConnectionIsReplacedForAWaiter() {
        Lease<FakeConnection> held = borrowed();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        assertThat(held.invalidate()).isTrue();
        assertThat(held.release()).isFalse();
        succeedDial();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }
}
