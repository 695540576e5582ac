package dev.keepalive.bench.handoff;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two threads that share a token, and a watchdog that stops them when no handoff happens any more. */
abstract class TwoThreadRun {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(4);
    private static final long GLANCE_MILLIS = 2;

    final Thread[] threads = new Thread[2];
    private final HandoffToken token;
    private volatile @Nullable Exception failure;
    private volatile boolean givenUp;

    TwoThreadRun(HandoffToken token) {
        this.token = token;
        for (int i = 0; i < threads.length; i++) {
            int runner = i;
            threads[i] = new Thread(() -> guarded(runner), "runner-" + i);
            threads[i].setDaemon(true);
        }
        token.announce(threads);
    }

    /**
     * Runs both threads until they are done.
     *
     * @throws IllegalStateException {@code hung}, if no thread gets the token for four seconds
     */
    final void run() throws Exception {
        run(PATIENCE);
    }

    /** The same with another patience, in nanoseconds. */
    final void run(long patience) throws Exception {
        for (Thread thread : threads) {
            thread.start();
        }
        long seen = -1;
        long seenAt = System.nanoTime();
        while (threads[0].isAlive() || threads[1].isAlive()) {
            long now = System.nanoTime();
            long count = count();
            if (count != seen) {
                seen = count;
                seenAt = now;
            }
            Exception failed = failure;
            if (failed != null || now - seenAt > patience) {
                givenUp = true;
                for (Thread thread : threads) {
                    thread.interrupt();
                }
                throw failed != null ? failed : new IllegalStateException("hung after " + seen + " handoffs");
            }
            threads[0].join(GLANCE_MILLIS);
            threads[1].join(GLANCE_MILLIS);
        }
    }

    private void guarded(int runner) {
        try {
            run(runner, token);
        } catch (Exception e) {
            failure = e;
        }
    }

    /** The work of one thread. */
    abstract void run(int runner, HandoffToken use) throws Exception;

    /** How often the token has been taken. Any thread. */
    abstract long count();

    /** True if the watchdog has stopped the run. */
    final boolean isGivenUp() {
        return givenUp;
    }
}
