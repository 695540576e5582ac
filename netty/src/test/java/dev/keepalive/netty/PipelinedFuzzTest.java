package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Leases of pipelined connections end at random, with and without answers outstanding, while the server answers late
 * and now and then closes. No holder ever gets the answer to another one's request, and each request ends once.
 * {@code -Dexchanges=N} makes more of it.
 */
class PipelinedFuzzTest {
    private static final int EXCHANGES = Integer.getInteger("exchanges", 100_000);
    private static final int THREADS = 8;
    private static final int MOST_REQUESTS = 4;

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    @ParameterizedTest
    @CsvSource({"8, 1, 5000", "3, 2, 200"})
    void noHolderGetsTheAnswerOfAnother(int depth, int connections, int closesOneIn) throws Exception {
        RequestResponse<String, String> protocol =
                ProtocolRig.LINES.withAnswerTimeout(Duration.ofSeconds(30)).pipelined(depth);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (SlowEchoServer server = new SlowEchoServer(closesOneIn);
                var manager = ConnectionManager.builder(NettyConnector.builder().build(protocol))
                        .maxOpenPerEndpoint(connections)
                        .build()) {
            List<Future<Void>> holders = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(i);
                holders.add(threads.submit(() -> {
                    while (sent.get() < EXCHANGES / 2) {
                        useOnce(manager.blocking().acquire(server.endpoint()), random);
                    }
                    return null;
                }));
            }
            for (Future<Void> holder : holders) {
                holder.get(5, TimeUnit.MINUTES);
            }
            await().untilAsserted(() -> assertThat(answered.get() + lost.get()).isEqualTo(sent.get()));
            await().until(() -> manager.snapshot().all().leases() == 0);
            assertThat(answered).as("most are answered").hasValueGreaterThan(sent.get() / 4);
            assertThat(lost).as("some lose theirs").hasValueGreaterThan(sent.get() / 100);
        } finally {
            threads.shutdownNow();
        }
    }

    private void useOnce(Lease<Requests<String, String>> lease, Random random) throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = random.nextInt(MOST_REQUESTS); i >= 0; i--) {
            answers.add(request(lease));
        }
        switch (random.nextInt(6)) {
            case 0 -> lease.release();
            case 1 -> lease.invalidate();
            case 2 -> answers.get(0).cancel(false);
            case 3 -> awaitOne(answers.get(0));
            default -> {
                for (CompletableFuture<String> answer : answers) {
                    awaitOne(answer);
                }
            }
        }
        if (random.nextInt(3) == 0) {
            lease.close();
        } else {
            lease.release();
        }
    }

    private CompletableFuture<String> request(Lease<Requests<String, String>> lease) {
        String text = "request " + sent.incrementAndGet();
        CompletableFuture<String> answer = lease.connection().send(text + '\n');
        answer.whenComplete((own, failure) -> {
            if (failure != null) {
                lost.incrementAndGet();
            } else if (own.equals(text)) {
                answered.incrementAndGet();
            }
        });
        return answer;
    }

    private static void awaitOne(CompletableFuture<String> answer) throws Exception {
        try {
            answer.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException lostWithItsConnection) {
            assertThat(lostWithItsConnection).hasCauseInstanceOf(RequestException.class);
        }
    }
}
