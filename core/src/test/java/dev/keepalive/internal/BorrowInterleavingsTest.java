package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Lease;
import java.lang.ref.ReferenceQueue;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The orders in which borrowers, holders, waiters, peers and the machine may act on a connection, step by step. In each
 * order: no two holders share a connection. No holder gets a connection that is not clean, that has input for another
 * holder, or that leads to another endpoint. The machine is told of the end of a lease once or not at all. At the end
 * no caller waits, and each open connection can be borrowed.
 *
 * <p>Two actors run in all orders. Three actors run in those orders that have few preemptions, so that a test takes
 * some seconds; {@code -Dpreemptions=4} allows more of them.
 */
class BorrowInterleavingsTest {
    /** When a reset is answered. */
    enum ResetAnswer {
        AT_ONCE,
        LATER
    }

    /** How many preemptions an order of three actors may have. */
    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

    private static void inEveryOrder(Consumer<SteppedManager> program) {
        inOrders(Integer.MAX_VALUE, 1, program);
    }

    private static void inManyOrders(int maxOpen, Consumer<SteppedManager> program) {
        inOrders(PREEMPTIONS, maxOpen, program);
    }

    private static void inOrders(int preemptions, int maxOpen, Consumer<SteppedManager> program) {
        int orders = Interleaver.all(preemptions, () -> {
            SteppedManager manager = new SteppedManager(maxOpen) {};
            program.accept(manager);
            return manager;
        });
        assertThat(orders).as("orders").isGreaterThan(10);
    }

    /** Borrows an idle connection to A, so that the machine does not know of the lease. */
    private static PooledLease<SteppedLink> borrowed(SteppedManager manager, ResetAnswer resets) {
        SteppedLink link = manager.idle();
        if (resets == ResetAnswer.LATER) {
            link.answerResetsLater();
            manager.actor(link::answerReset);
        }
        return Objects.requireNonNull(manager.borrow(SteppedManager.A));
    }

    @Test
    void aStackOverflowWhileBorrowingLosesNoConnection() {
        AtomicBoolean noStack = new AtomicBoolean();
        SteppedManager manager = new SteppedManager(1) {
            @Override
            public ReferenceQueue<Lease<?>> garbage() {
                if (noStack.getAndSet(false)) {
                    throw new StackOverflowError();
                }
                return super.garbage();
            }
        };
        manager.idle();
        noStack.set(true);
        assertThatThrownBy(() -> manager.borrow(SteppedManager.A)).isInstanceOf(StackOverflowError.class);
        SteppedLink.SteppedAcquire next = manager.acquire(SteppedManager.A);
        assertThat(next.isAnswered()).isTrue();
        manager.check();
    }

    @Test
    void twoCallersBorrowOneConnection() {
        inEveryOrder(manager -> {
            manager.idle();
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void threeCallersBorrowTwoConnections() {
        inManyOrders(2, manager -> {
            SteppedLink.SteppedAcquire first = manager.acquire(SteppedManager.A);
            manager.acquire(SteppedManager.A).release();
            first.release();
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void aHolderReleasesWhileACallerWaits() {
        inEveryOrder(manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @Test
    void aCallerBorrowsWhileAnotherOneWaits() {
        inEveryOrder(manager -> {
            manager.idle();
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.acquire(SteppedManager.A).release());
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBorrowedConnectionIsReleasedWhileACallerWaits(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBorrowedConnectionIsReleasedDuringATick(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.advance(SteppedManager.HELD_FOR);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager::tick);
        });
    }

    @Test
    void aBorrowedConnectionIsReleasedAndBorrowedAgainDuringATick() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.advance(SteppedManager.HELD_FOR);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager::tick);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void anIdleConnectionIsBorrowedAtItsIdleTimeout() {
        inEveryOrder(manager -> {
            manager.idle();
            manager.advance(SteppedManager.IDLE_TIMEOUT - 1);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> {
                manager.advance(1);
                manager.tick();
            });
        });
    }

    @Test
    void twoCallersFindAnIdleConnectionWhoseTimeIsOver() {
        inManyOrders(1, manager -> {
            manager.idle();
            manager.advance(SteppedManager.IDLE_TIMEOUT);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.acquire(SteppedManager.A).release());
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void aCallerThatReadIdleLongAgoBorrowsWhileOthersDo() {
        inManyOrders(1, manager -> {
            manager.idle();
            manager.advance(SteppedManager.IDLE_TIMEOUT - 1);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.advance(1));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsReleasedWhileAnotherEndpointNeedsItsPermit(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.acquire(SteppedManager.B));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerSendsInputWhileAConnectionIsReleasedAndBorrowed(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager.links.get(0)::peerSendsInput);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerClosesAConnectionWhileItIsReleasedToAWaiter(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager.links.get(0)::close);
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsRekeyedWhileItsFormerEndpointIsBorrowedFrom(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> {
                manager.borrowAndRelease(SteppedManager.A);
                manager.borrowAndRelease(SteppedManager.A);
            });
        });
    }

    @Test
    void aConnectionIsRekeyedAndRekeyedBackWhileACallerHasSeenItInItsFormerBag() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> {
                PooledLease<SteppedLink> got = manager.borrow(SteppedManager.A, manager.links.get(0));
                if (got != null) {
                    manager.release(got);
                }
            });
            manager.actor(() -> {
                PooledLease<SteppedLink> got = manager.borrow(SteppedManager.B);
                if (got != null) {
                    manager.releaseAs(got, SteppedManager.A);
                }
            });
        });
    }

    @Test
    void oneOfTwoConnectionsIsRekeyedWhileBothAreBorrowed() {
        inManyOrders(2, manager -> {
            SteppedLink.SteppedAcquire first = manager.acquire(SteppedManager.A);
            manager.acquire(SteppedManager.A).release();
            first.release();
            PooledLease<SteppedLink> lease = Objects.requireNonNull(manager.borrow(SteppedManager.A));
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void aConnectionIsRekeyedWhileCallersWaitForBothEndpoints() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.acquire(SteppedManager.A).release());
            manager.actor(() -> manager.acquire(SteppedManager.B).release());
        });
    }

    @Test
    void aLeaseIsInvalidatedAndReleasedWhileACallerWaits() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.invalidate(lease));
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @Test
    void connectionsAreRetiredWhileTheyAreBorrowedAndReleased() {
        inManyOrders(2, manager -> {
            SteppedLink.SteppedAcquire first = manager.acquire(SteppedManager.A);
            manager.acquire(SteppedManager.A).release();
            first.release();
            PooledLease<SteppedLink> lease = Objects.requireNonNull(manager.borrow(SteppedManager.A));
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.retire(SteppedManager.A));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theManagerIsShutDownWhileAConnectionIsReleased(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager::shutDown);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theManagerIsDrainedWhileAConnectionIsReleased(ResetAnswer resets) {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, resets);
            manager.actor(() -> manager.release(lease));
            manager.actor(manager::drain);
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    // ---- while the connector runs code of a lease

    @Test
    void aConnectionIsReleasedAndBorrowedWhileItsHandleIsMade() {
        inManyOrders(1, manager -> {
            manager.idle().makeHandlesSlowly();
            PooledLease<SteppedLink> lease = manager.borrowWithoutHandle(SteppedManager.A);
            manager.actor(() -> manager.requestConnection(lease));
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }

    @Test
    void aConnectionIsRekeyedAndReleasedWhileACallerWaits() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @Test
    void aConnectionIsRekeyedAndReleasedWhileAnotherEndpointNeedsItsPermit() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.acquire(SteppedManager.B));
        });
    }

    @Test
    void aConnectionIsRekeyedByTwoCallsWhileItIsInvalidated() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(() -> manager.invalidate(lease));
        });
    }

    @Test
    void aConnectionIsRekeyedWhileThePeerClosesItAndACallerWaits() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.actor(() -> manager.releaseAs(lease, SteppedManager.B));
            manager.actor(manager.links.get(0)::close);
            manager.actor(() -> manager.acquire(SteppedManager.A));
        });
    }

    @Test
    void aRekeyIsRefusedWhileTheConnectionIsReleasedAndBorrowed() {
        inManyOrders(1, manager -> {
            PooledLease<SteppedLink> lease = borrowed(manager, ResetAnswer.AT_ONCE);
            manager.links.get(0).refuseRekey();
            manager.actor(() -> manager.releaseAsRefused(lease, SteppedManager.B));
            manager.actor(() -> manager.release(lease));
            manager.actor(() -> manager.borrowAndRelease(SteppedManager.A));
        });
    }
}
