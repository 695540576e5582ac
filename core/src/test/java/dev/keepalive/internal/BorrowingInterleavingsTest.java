package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.ReferenceQueue;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Borrowers, holders, waiters, peers and the machine act on a connection in all orders of their steps. In each order:
 * no two holders share a connection. No holder gets a connection that was not reset, input that was for another holder,
 * or a connection to another endpoint. The machine is told of the end of a lease once at most. In the end no waiter is
 * left, and every open connection can be borrowed.
 *
 * <p>Of two actors all orders are tried. Of three actors the orders with few preemptions are tried, which takes some
 * seconds; {@code -Dpreemptions=4} tries more of them.
 */
class BorrowingInterleavingsTest {
    /** How a reset is answered. */
    enum Resets {
        AT_ONCE,
        LATER
    }

    /** How often, at most, an actor is interrupted that could go on, if there are three of them. */
    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

    private static void inEveryOrder(Consumer<SteppedPool> program) {
        inOrders(Integer.MAX_VALUE, 1, program);
    }

    private static void inManyOrders(int maxOpen, Consumer<SteppedPool> program) {
        inOrders(PREEMPTIONS, maxOpen, program);
    }

    private static void inOrders(int preemptions, int maxOpen, Consumer<SteppedPool> program) {
        int orders = Interleaver.all(preemptions, () -> {
            SteppedPool pool = new SteppedPool(maxOpen) {};
            program.accept(pool);
            return pool;
        });
        assertThat(orders).as("orders").isGreaterThan(10);
    }

    /** A borrowed lease of a connection to A. */
    private static PooledLease<SteppedLink> borrowedLease(SteppedPool pool, Resets resets) {
        SteppedLink link = pool.idle();
        if (resets == Resets.LATER) {
            link.answerResetsLater();
            pool.actor(link::answerReset);
        }
        return Objects.requireNonNull(pool.borrow(SteppedPool.A));
    }

    @Test
    void aBorrowThatOverflowsTheStackLosesNoConnection() {
        AtomicBoolean none = new AtomicBoolean();
        SteppedPool pool = new SteppedPool(1) {
            @Override
            public ReferenceQueue<PooledLease<?>> garbage() {
                if (none.getAndSet(false)) {
                    throw new StackOverflowError();
                }
                return super.garbage();
            }
        };
        pool.idle();
        none.set(true);
        assertThatThrownBy(() -> pool.borrow(SteppedPool.A)).isInstanceOf(StackOverflowError.class);
        SteppedLink.Waiting next = pool.acquire(SteppedPool.A);
        assertThat(next.isAnswered()).isTrue();
        pool.check();
    }

    @Test
    void twoCallersBorrow() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void threeCallersBorrowTwoConnections() {
        inManyOrders(2, pool -> {
            SteppedLink.Waiting first = pool.acquire(SteppedPool.A);
            pool.acquire(SteppedPool.A).release();
            first.release();
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void aBorrowedConnectionIsReleasedWhileAWaiterJoins() {
        inEveryOrder(pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsBorrowedWhileAWaiterJoins() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.acquire(SteppedPool.A).release());
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBorrowedConnectionIsResetWhileAWaiterJoins(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBorrowedConnectionIsReleasedAtAPatrol(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.pass(SteppedPool.HELD_FOR);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::tick);
        });
    }

    @Test
    void aBorrowedConnectionIsReleasedAndBorrowedAgainAtAPatrol() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.pass(SteppedPool.HELD_FOR);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::tick);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsBorrowedAsItsIdleTimeEnds() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.pass(SteppedPool.IDLE_TIMEOUT);
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(pool::tick);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsReleasedAsAnotherEndpointNeedsItsPermit(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.B));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerSpeaksAsAConnectionIsReleasedAndBorrowed(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool.links.get(0)::peerSpeaks);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerClosesAsAConnectionIsReleasedToAWaiter(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool.links.get(0)::close);
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsRekeyedAsItsFormerEndpointIsAskedFor(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> {
                pool.use(SteppedPool.A);
                pool.use(SteppedPool.A);
            });
        });
    }

    @Test
    void aConnectionIsRekeyedAndBackWhileABorrowerOfItsFormerEndpointHasSeenIt() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> {
                PooledLease<SteppedLink> got = pool.borrow(SteppedPool.A, pool.links.get(0));
                if (got != null) {
                    pool.release(got);
                }
            });
            pool.actor(() -> {
                PooledLease<SteppedLink> got = pool.borrow(SteppedPool.B);
                if (got != null) {
                    pool.releaseAs(got, SteppedPool.A);
                }
            });
        });
    }

    @Test
    void oneOfTwoConnectionsIsRekeyedWhileBothAreBorrowed() {
        inManyOrders(2, pool -> {
            SteppedLink.Waiting first = pool.acquire(SteppedPool.A);
            pool.acquire(SteppedPool.A).release();
            first.release();
            PooledLease<SteppedLink> lease = Objects.requireNonNull(pool.borrow(SteppedPool.A));
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsRekeyedWhileWaitersJoinBothEndpoints() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.acquire(SteppedPool.A).release());
            pool.actor(() -> pool.acquire(SteppedPool.B).release());
        });
    }

    @Test
    void aConnectionIsInvalidatedAndReleasedWhileAWaiterJoins() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.invalidate(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsRetiredAsItIsBorrowedOrReleased() {
        inManyOrders(2, pool -> {
            SteppedLink.Waiting first = pool.acquire(SteppedPool.A);
            pool.acquire(SteppedPool.A).release();
            first.release();
            PooledLease<SteppedLink> lease = Objects.requireNonNull(pool.borrow(SteppedPool.A));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.retire(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theManagerIsShutDownAsAConnectionIsReleased(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::shutDown);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theManagerIsDrainedAsAConnectionIsReleased(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::drain);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    // ---- while the connector runs for a lease

    @Test
    void aConnectionIsReleasedAndBorrowedWhileItsHandleIsMade() {
        inManyOrders(1, pool -> {
            pool.idle().makesHandlesSlowly();
            PooledLease<SteppedLink> lease = pool.borrowWithoutHandle(SteppedPool.A);
            pool.actor(() -> pool.connection(lease));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsRekeyedAndReleasedWhileAWaiterJoins() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void aConnectionIsRekeyedAndReleasedAsTheNewEndpointIsAskedFor() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.B));
        });
    }

    @Test
    void twoThreadsRekeyAConnectionThatAThirdInvalidates() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.invalidate(lease));
        });
    }

    @Test
    void aConnectionIsRekeyedAsThePeerClosesAndAWaiterJoins() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(pool.links.get(0)::close);
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void aRekeyIsRefusedAsTheConnectionIsReleasedAndBorrowed() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = borrowedLease(pool, Resets.AT_ONCE);
            pool.links.get(0).refuses();
            pool.actor(() -> pool.releaseAsRefused(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }
}
