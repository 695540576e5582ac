package dev.keepalive.bench.handover;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two threads, and a watchdog that gives them up when nothing happens any more. */
abstract class Runners {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(4);
    private static final long GLANCE_MILLIS = 2;

    final Thread[] threads = new Thread[2];
    private final Baton baton;
    private volatile @Nullable Exception failure;
    private volatile boolean givenUp;

    Runners(Baton baton) {
        this.baton = baton;
        for (int i = 0; i < threads.length; i++) {
            int runner = i;
            threads[i] = new Thread(() -> guarded(runner), "runner-" + i);
            threads[i].setDaemon(true);
        }
        baton.runners(threads);
    }

    /**
     * Lets both run until they are done.
     *
     * @throws IllegalStateException {@code hung}, if neither gets the baton for some seconds
     */
    final void run() throws Exception {
        run(PATIENCE);
    }

    /** The same with other than some seconds, in nanoseconds. */
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
                throw failed != null ? failed : new IllegalStateException("hung after " + seen + " hand-overs");
            }
            threads[0].join(GLANCE_MILLIS);
            threads[1].join(GLANCE_MILLIS);
        }
    }

    private void guarded(int runner) {
        try {
            run(runner, baton);
        } catch (Exception e) {
            failure = e;
        }
    }

    /** What one of them does. */
    abstract void run(int runner, Baton use) throws Exception;

    /** How often the baton has been taken. Any thread. */
    abstract long count();

    /** True if it is all in vain. */
    final boolean isGivenUp() {
        return givenUp;
    }
}
