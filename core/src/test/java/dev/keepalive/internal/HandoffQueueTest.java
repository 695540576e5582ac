package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandoffQueueTest {
    private static final int PATIENCE_SECONDS = 20;

    private final HandoffQueue tasks = new HandoffQueue();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void aTaskIsRefusedIfNoThreadWaits() {
        assertThat(tasks.offer(() -> {})).isFalse();
        assertThat(tasks).isEmpty();
    }

    @Test
    void aTaskThatIsPutWaitsForAThread() throws Exception {
        Runnable task = () -> {};
        tasks.put(task);

        assertThat(tasks).containsExactly(task);
        assertThat(tasks.offer(task)).as("a second task is accepted").isFalse();
        assertThat(tasks.poll(1, TimeUnit.NANOSECONDS)).isSameAs(task);
        assertThat(tasks.poll(1, TimeUnit.NANOSECONDS)).isNull();
    }

    @Test
    void eachWaitingThreadGetsOneTask() throws Exception {
        BlockingQueue<Runnable> got = new LinkedBlockingQueue<>();
        for (int i = 0; i < 3; i++) {
            threads.submit(() -> got.add(tasks.take()));
        }
        List<Runnable> given = new ArrayList<>();
        while (given.size() < 3) {
            int number = given.size();
            Runnable task = () -> assertThat(number).isNotNegative();
            if (tasks.offer(task)) {
                given.add(task);
            } else {
                Thread.onSpinWait();
            }
        }
        assertThat(tasks.offer(() -> {})).as("a fourth task is accepted").isFalse();

        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(given);
    }

    /** Threads begin to wait just as others give up. The LinkedTransferQueue of Java 17 fails here. */
    @Test
    void threadsThatGiveUpTogetherAllReturn() throws Exception {
        for (int round = 0; round < 200; round++) {
            CountDownLatch begun = new CountDownLatch(3);
            List<Thread> waiting = new ArrayList<>();
            List<Future<?>> over = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                over.add(threads.submit(() -> {
                    synchronized (waiting) {
                        waiting.add(Thread.currentThread());
                    }
                    begun.countDown();
                    waitUntilInterrupted();
                    return tasks.poll(1, TimeUnit.MILLISECONDS);
                }));
            }
            begun.await();
            synchronized (waiting) {
                waiting.forEach(Thread::interrupt);
            }
            for (Future<?> each : over) {
                assertThat(each.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNull();
            }
        }
    }

    private void waitUntilInterrupted() {
        try {
            tasks.take();
            throw new AssertionError("there was a task");
        } catch (InterruptedException expected) {
            // the thread does not wait any more
        }
    }
}
