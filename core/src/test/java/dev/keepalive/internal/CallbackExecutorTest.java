package dev.keepalive.internal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A host that allows no more threads. */
class CallbackExecutorTest {
    @Test
    void aTaskForWhichTheHostAllowsNoThreadWaitsForOneThatThereIs() throws Exception {
        CallbackExecutor executor = new CallbackExecutor(128, atMost(1));
        CompletableFuture<Void> over = new CompletableFuture<>();
        CompletableFuture<Thread> first = new CompletableFuture<>();
        CompletableFuture<Thread> second = new CompletableFuture<>();
        executor.execute(() -> {
            first.complete(Thread.currentThread());
            over.join();
        });
        executor.execute(() -> second.complete(Thread.currentThread()));
        assertThat(second).isNotDone();
        over.complete(null);
        assertThat(second.get(30, SECONDS)).isSameAs(first.get(30, SECONDS));
        executor.keepNoIdleThreads();
    }

    @Test
    void aTaskIsRefusedIfThereIsNoThreadAtAll() {
        CallbackExecutor executor = new CallbackExecutor(128, atMost(0));
        assertThatThrownBy(() -> executor.execute(() -> {})).isInstanceOf(OutOfMemoryError.class);
    }

    private static ThreadFactory atMost(int threads) {
        AtomicInteger left = new AtomicInteger(threads);
        return task -> {
            if (left.getAndDecrement() <= 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            Thread thread = new Thread(task, "callback");
            thread.setDaemon(true);
            return thread;
        };
    }
}
