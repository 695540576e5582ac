package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class TaskHandoffQueueTest {
    private static final int PATIENCE_SECONDS = 20;

    private final TaskHandoffQueue tasks = new TaskHandoffQueue();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void aTaskForWhichNoThreadWaitsIsRefused() {
        assertThat(tasks.offer(() -> {})).isFalse();
        assertThat(tasks).isEmpty();
    }

    @Test
    void aTaskThatWasPutWaitsForAThread() throws Exception {
        Runnable task = () -> {};
        tasks.put(task);

        assertThat(tasks).containsExactly(task);
        assertThat(tasks.offer(task)).as("no thread waits for a second task").isFalse();
        assertThat(tasks.poll(1, TimeUnit.NANOSECONDS)).isSameAs(task);
        assertThat(tasks.poll(1, TimeUnit.NANOSECONDS)).isNull();
    }

    /** A null stands for a task for which there is no memory. */
    @Test
    void noThreadWaitsForATaskThatCouldNotBeAdded() throws Exception {
        assertThatThrownBy(() -> tasks.put(null)).isInstanceOf(NullPointerException.class);
        assertThat(threads.submit(() -> tasks.poll(1, TimeUnit.NANOSECONDS)).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isNull();
    }

    @Test
    void eachThreadThatWaitsGetsOneTask() throws Exception {
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
        assertThat(tasks.offer(() -> {})).as("no fourth thread waits").isFalse();

        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(given);
    }

    /** The transfer queue of Java 17 fails here: threads begin to wait just when others stop waiting. */
    @Test
    void threadsThatStopWaitingTogetherAllReturn() throws Exception {
        for (int round = 0; round < 200; round++) {
            CountDownLatch begun = new CountDownLatch(3);
            List<Thread> waiting = new ArrayList<>();
            List<Future<?>> ended = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ended.add(threads.submit(() -> {
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
            for (Future<?> each : ended) {
                assertThat(each.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNull();
            }
        }
    }

    private void waitUntilInterrupted() {
        try {
            tasks.take();
            throw new AssertionError("there was a task");
        } catch (InterruptedException expected) {
            // this thread waits no longer
        }
    }
}
