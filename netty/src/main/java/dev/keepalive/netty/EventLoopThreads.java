package dev.keepalive.netty;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/**
 * Makes the threads of event loops. They inherit no context class loader, no thread-local and no priority from the
 * thread that causes them, which may be any thread of the program. Safe from any thread.
 */
final class EventLoopThreads implements ThreadFactory {
    private final ThreadFactory nettyThreads = new DefaultThreadFactory("keepalive-netty", true);
    private final Runnable ended;

    /** @param ended called by each thread when its loop has ended */
    EventLoopThreads(Runnable ended) {
        this.ended = ended;
    }

    /** Waits for another thread for the short time that making a thread takes. */
    @Override
    public Thread newThread(Runnable loop) {
        // A thread inherits from the thread that makes it, and Netty's threads cannot be told not to. So a thread that
        // has nothing to pass on makes them.
        CompletableFuture<Thread> made = new CompletableFuture<>();
        Thread maker = new Thread(null, () -> make(loop, made), "keepalive-netty-threads", 0, false);
        maker.setDaemon(true);
        maker.setContextClassLoader(null);
        maker.start();
        return made.join();
    }

    private void make(Runnable loop, CompletableFuture<Thread> made) {
        try {
            made.complete(nettyThreads.newThread(() -> run(loop)));
        } catch (Throwable notMade) {
            made.completeExceptionally(notMade);
        }
    }

    private void run(Runnable loop) {
        try {
            loop.run();
        } finally {
            ended.run();
        }
    }
}
