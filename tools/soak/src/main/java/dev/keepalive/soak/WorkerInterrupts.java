package dev.keepalive.soak;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts workers in the middle of an acquire. Safe from any thread. */
final class WorkerInterrupts implements AutoCloseable {
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "soak-interrupts");
        made.setDaemon(true);
        return made;
    });

    /** A piece of work that may be interrupted. No interrupt reaches the thread after its end. */
    final class PendingInterrupt implements AutoCloseable {
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
            // Clears an interrupt that came too late.
            Thread.interrupted();
        }
    }

    /** Interrupts the calling thread after so many microseconds, unless the result is closed before. */
    PendingInterrupt after(int micros) {
        PendingInterrupt interrupt = new PendingInterrupt();
        try {
            thread.schedule(interrupt::interrupt, micros, TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the soak is over", e);
        }
        return interrupt;
    }

    /** One that never interrupts. */
    PendingInterrupt never() {
        return new PendingInterrupt();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
