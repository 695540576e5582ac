package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that run one after the other, whatever the executor does. */
@Timeout(60)
class SerialTasksTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Throwable> trouble = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    private SerialTasks tasks() {
        return new SerialTasks(threads, () -> {}, trouble::add);
    }

    @Test
    void tasksOfManyThreadsRunOneAtATimeAndInTheOrderOfEach() throws Exception {
        SerialTasks tasks = tasks();
        AtomicInteger inside = new AtomicInteger();
        List<Integer> seen = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(4_000);
        for (int thread = 0; thread < 4; thread++) {
            int from = thread * 1_000;
            threads.execute(() -> {
                for (int i = 0; i < 1_000; i++) {
                    int number = from + i;
                    tasks.execute(() -> {
                        if (inside.incrementAndGet() > 1) {
                            trouble.add(new AssertionError("two at a time"));
                        }
                        seen.add(number);
                        inside.decrementAndGet();
                        done.countDown();
                    });
                }
            });
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(trouble).isEmpty();
        for (int thread = 0; thread < 4; thread++) {
            int from = thread * 1_000;
            assertThat(seen)
                    .filteredOn(number -> number / 1_000 * 1_000 == from)
                    .isSorted();
        }
    }

    @Test
    void anActionAfterwardsMayBlockWhileTasksGoOn() throws Exception {
        SerialTasks tasks = tasks();
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        tasks.execute(() -> tasks.afterwards(() -> {
            blocked.countDown();
            try {
                other.await();
            } catch (InterruptedException e) {
                return;
            }
            ended.countDown();
        }));
        assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
        tasks.execute(other::countDown);

        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatATaskThrowsIsToldAndTheNextRuns() throws Exception {
        SerialTasks tasks = tasks();
        CountDownLatch next = new CountDownLatch(1);
        tasks.execute(() -> {
            throw new IllegalStateException("thrown");
        });
        tasks.execute(next::countDown);

        assertThat(next.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(trouble).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anExecutorThatRefusesFailsTheCall() throws Exception {
        ExecutorService refusing = Executors.newCachedThreadPool();
        refusing.shutdown();
        try (EchoServer server = EchoServer.start();
                KeepaliveHttpClient client =
                        KeepaliveHttpClient.newBuilder().executor(refusing).build()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();

            assertThatThrownBy(() ->
                            client.sendAsync(request, BodyHandlers.ofString()).get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RejectedExecutionException.class);
            // A blocking call runs its tasks itself.
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("GET /");
        }
    }

    @Test
    void aBlockingCallRunsTheCallbacksOnItsThread() throws Exception {
        try (EchoServer server = EchoServer.start();
                KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            List<Thread> callers = new CopyOnWriteArrayList<>();
            client.send(HttpRequest.newBuilder(server.uri("/")).build(), info -> {
                callers.add(Thread.currentThread());
                return BodyHandlers.ofString().apply(info);
            });
            assertThat(callers).containsExactly(Thread.currentThread());
        }
    }
}
