package dev.keepalive.http;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the executor of a client that was given none: daemon threads, as many as are needed at a time. */
final class WorkerThreads {
    private WorkerThreads() {}

    static ExecutorService executor(String name) {
        AtomicInteger number = new AtomicInteger();
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(null, task, name + "-worker-" + number.incrementAndGet(), 0, false);
            thread.setDaemon(true);
            return thread;
        });
    }
}
