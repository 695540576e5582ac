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
 * The orders in which those who help themselves, holders, waiters, peers and the machine may act on a connection, step
 * by step: nobody shares a connection, gets what is not clean, what the peer said to somebody else, or what leads
 * elsewhere; the end of a lease is told once or not at all; in the end nobody waits, and everything that is open is to
 * be had.
 *
 * <p>Of two actors all orders are tried, of three those with so few preemptions that it takes some seconds;
 * {@code -Dpreemptions=4} tries more of them.
 */
class LendingInterleavingsTest {
    /** How a reset is answered. */
    enum Resets {
        AT_ONCE,
        BY_AND_BY
    }

    /** So often an actor that could go on is kept waiting where there are three of them. */
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

    /** A lease of an idle connection to A, of which the machine does not know. */
    private static PooledLease<SteppedLink> lent(SteppedPool pool, Resets resets) {
        SteppedLink link = pool.idle();
        if (resets == Resets.BY_AND_BY) {
            link.resetsByAndBy();
            pool.actor(link::answerReset);
        }
        return Objects.requireNonNull(pool.borrow(SteppedPool.A));
    }

    @Test
    void whoHasNoStackLeftWhenHeHelpsHimselfLosesNothing() {
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
    void twoBorrow() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void threeBorrowTwo() {
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
    void oneReleasesAndOneWaits() {
        inEveryOrder(pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void oneBorrowsAndOneWaits() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(() -> pool.acquire(SteppedPool.A).release());
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatWasLentIsReleasedWhenSomebodyWaits(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatWasLentIsReleasedWhenItIsTimeToLookAtIt(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.pass(SteppedPool.HELD_FOR);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::tick);
        });
    }

    @Test
    void whatWasLentIsReleasedAndBorrowedWhenItIsTimeToLookAtIt() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.pass(SteppedPool.HELD_FOR);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::tick);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void itsIdleTimeIsUpWhenItIsBorrowed() {
        inEveryOrder(pool -> {
            pool.idle();
            pool.pass(SteppedPool.IDLE_TIMEOUT);
            pool.actor(() -> pool.use(SteppedPool.A));
            pool.actor(pool::tick);
        });
    }

    @ParameterizedTest
    @EnumSource
    void itsPlaceIsNeededElsewhereWhenItIsReleased(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.B));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerSpeaksWhenItIsReleasedAndBorrowed(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool.links.get(0)::peerSpeaks);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void thePeerClosesWhenItIsReleasedToWhoWaits(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool.links.get(0)::close);
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void itBecomesAnotherEndpointsWhenItsFormerOneIsAskedFor(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> {
                pool.use(SteppedPool.A);
                pool.use(SteppedPool.A);
            });
        });
    }

    @Test
    void itBecomesAnotherEndpointsAndComesBackWhenItWasSeenAtItsFormerOne() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
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
    void oneBecomesAnotherEndpointsBesideOneThatStays() {
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
    void itBecomesAnotherEndpointsWhenBothAreWaitedFor() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.acquire(SteppedPool.A).release());
            pool.actor(() -> pool.acquire(SteppedPool.B).release());
        });
    }

    @Test
    void itIsInvalidatedAndReleasedWhenSomebodyWaits() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.invalidate(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void itIsRetiredWhenItIsBorrowedOrReleased() {
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
    void theManagerIsShutDownWhenItIsReleased(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::shutDown);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theManagerIsDrainedWhenItIsReleased(Resets resets) {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, resets);
            pool.actor(() -> pool.release(lease));
            pool.actor(pool::drain);
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    // ---- while the connector runs for a lease

    @Test
    void itIsReleasedAndBorrowedWhileItsHandleIsMade() {
        inManyOrders(1, pool -> {
            pool.idle().makesHandlesSlowly();
            PooledLease<SteppedLink> lease = pool.borrowUnasked(SteppedPool.A);
            pool.actor(() -> pool.connection(lease));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }

    @Test
    void itBecomesAnotherEndpointsWhenItIsReleasedAndWaitedFor() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void itBecomesAnotherEndpointsWhenItIsReleasedAndItsPlaceIsNeeded() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.acquire(SteppedPool.B));
        });
    }

    @Test
    void twoMakeItAnotherEndpointsWhenItIsInvalidated() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(() -> pool.invalidate(lease));
        });
    }

    @Test
    void itBecomesAnotherEndpointsWhenThePeerClosesAndSomebodyWaits() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.actor(() -> pool.releaseAs(lease, SteppedPool.B));
            pool.actor(pool.links.get(0)::close);
            pool.actor(() -> pool.acquire(SteppedPool.A));
        });
    }

    @Test
    void itIsRefusedAsAnotherEndpointsWhenItIsReleasedAndBorrowed() {
        inManyOrders(1, pool -> {
            PooledLease<SteppedLink> lease = lent(pool, Resets.AT_ONCE);
            pool.links.get(0).refuses();
            pool.actor(() -> pool.isRefused(lease, SteppedPool.B));
            pool.actor(() -> pool.release(lease));
            pool.actor(() -> pool.use(SteppedPool.A));
        });
    }
}
