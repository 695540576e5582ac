package dev.keepalive.bench.handoff;

import dev.keepalive.bench.contenders.PoolAdapter;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A token that only one of two threads, number 0 and 1, can hold at a time. */
interface HandoffToken {
    /** Waits for the token. */
    void take(int runner) throws Exception;

    /** Passes the token on. */
    void pass(int runner);

    /** Announces the two threads before they start. */
    default void announce(Thread... both) {}

    /** The token is the only connection of a pool. */
    final class PoolToken implements HandoffToken {
        private static final int ENDPOINT = 0;

        private final PoolAdapter pool;
        private final @Nullable Object[] leases = new Object[2];

        PoolToken(PoolAdapter pool) {
            this.pool = pool;
        }

        @Override
        public void take(int runner) throws Exception {
            leases[runner] = pool.acquire(ENDPOINT);
        }

        @Override
        public void pass(int runner) {
            pool.release(ENDPOINT, Objects.requireNonNull(leases[runner]));
        }
    }

    /** The token is passed by {@code park} and {@code unpark} alone: the time that the host needs to wake a thread. */
    final class ParkToken implements HandoffToken {
        private volatile int holder;
        private Thread[] threads = {};

        @Override
        public void announce(Thread... both) {
            threads = both;
        }

        @Override
        public void take(int runner) {
            while (holder != runner) {
                LockSupport.park(this);
            }
        }

        @Override
        public void pass(int runner) {
            holder = 1 - runner;
            LockSupport.unpark(threads[1 - runner]);
        }
    }
}
