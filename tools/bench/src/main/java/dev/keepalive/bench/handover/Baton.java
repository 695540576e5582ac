package dev.keepalive.bench.handover;

import dev.keepalive.bench.contenders.Contender;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What one of two runners has at a time, 0 or 1, and the other waits for. */
interface Baton {
    /** Waits for it. */
    void take(int runner) throws Exception;

    /** Lets it go. */
    void pass(int runner);

    /** Tells who the runners are, before they run. */
    default void runners(Thread... both) {}

    /** The only connection of a pool. */
    final class Pooled implements Baton {
        private static final int ENDPOINT = 0;

        private final Contender pool;
        private final @Nullable Object[] leases = new Object[2];

        Pooled(Contender pool) {
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

    /** Nothing but {@code park} and {@code unpark}: what the machine needs to wake a thread. */
    final class Bare implements Baton {
        private volatile int holder;
        private Thread[] threads = {};

        @Override
        public void runners(Thread... both) {
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
