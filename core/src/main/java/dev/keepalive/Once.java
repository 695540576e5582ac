package dev.keepalive;

import java.util.concurrent.atomic.AtomicBoolean;

/** A task that runs at most once, or not at all once it was withdrawn: for executors of which nobody knows whether they took it. */
final class Once implements Runnable {
    private final Runnable task;
    private final AtomicBoolean decided = new AtomicBoolean();

    Once(Runnable task) {
        this.task = task;
    }

    @Override
    public void run() {
        if (decided.compareAndSet(false, true)) {
            task.run();
        }
    }

    /** Makes sure that it never runs; false if it runs already, or has run. */
    boolean withdraw() {
        return decided.compareAndSet(false, true);
    }
}
