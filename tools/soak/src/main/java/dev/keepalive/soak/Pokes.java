package dev.keepalive.soak;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts workers in the middle of an acquire. Safe from any thread. */
final class Pokes implements AutoCloseable {
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "soak-pokes");
        made.setDaemon(true);
        return made;
    });

    /** One piece of work that may be interrupted; no interrupt reaches the thread after its end. */
    final class Poke implements AutoCloseable {
        private final Thread worker = Thread.currentThread();
        private boolean over;

        private synchronized void interrupt() {
            if (!over) {
                worker.interrupt();
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            // One that came too late is nobody's.
            Thread.interrupted();
        }
    }

    /** The calling thread is to be interrupted in so many microseconds, unless the poke is closed before. */
    Poke in(int micros) {
        Poke poke = new Poke();
        try {
            thread.schedule(poke::interrupt, micros, TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the soak is over", e);
        }
        return poke;
    }

    /** One that interrupts nobody. */
    Poke never() {
        return new Poke();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
