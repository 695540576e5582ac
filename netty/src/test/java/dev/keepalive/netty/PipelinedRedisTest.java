package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.testservers.RedisServer;
import io.netty.handler.codec.string.StringEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads on one connection to a real redis-server. {@code -Dkeepalive.redis.commands=N} sets the load. */
class PipelinedRedisTest {
    private static final int COMMANDS = Integer.getInteger("keepalive.redis.commands", 6_000);
    private static final int THREADS = 32;
    private static final int ATTEMPTS = 500;
    private static final RequestResponse<String, String> RESP = RequestResponse.<String, String>of(
                    String.class, pipeline -> pipeline.addLast(new RespAnswers(), new StringEncoder()))
            .withAnswerTimeout(Duration.ofSeconds(20));

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean restarted;

    private static ConnectionManager<Requests<String, String>> manager(int depth) {
        return ConnectionManager.builder(NettyConnector.builder().build(RESP.pipelined(depth)))
                .maxOpenPerEndpoint(1)
                .dialBackOff(Duration.ofMillis(20), Duration.ofMillis(100))
                .retryDials(true)
                .build();
    }

    @Test
    void manyThreadsShareOneConnectionAndEachGetsItsOwnAnswers() throws Exception {
        restarted = true;
        try (RedisServer server = new RedisServer();
                var connections = manager(8)) {
            Endpoint redis = Endpoint.of("redis", "127.0.0.1", server.port());
            runAll(connections, redis, () -> {});
            assertThat(connections.snapshot().totals().opened()).isEqualTo(1);
            assertThat(connections.snapshot().all().leases()).isZero();
            assertThat(count(connections, redis)).as("each was executed once").isEqualTo(answered.get());
        }
    }

    private static int count(ConnectionManager<Requests<String, String>> connections, Endpoint redis) throws Exception {
        return Integer.parseInt(
                connections.blocking().use(redis, lease -> lease.connection().call("GET count\r\n")));
    }

    @Test
    void clientsOutlastAServerThatIsKilledAndRestarted() throws Exception {
        try (RedisServer server = new RedisServer();
                var connections = manager(THREADS)) {
            Endpoint redis = Endpoint.of("redis", "127.0.0.1", server.port());
            runAll(connections, redis, () -> {
                awaitAnswers(COMMANDS / 3);
                server.restart(false);
                awaitAnswers(COMMANDS * 2 / 3);
                server.restart(true);
                restarted = true;
            });
            assertThat(connections.snapshot().all().leases()).isZero();
            assertThat(connections.snapshot().totals().opened()).isBetween(3L, 20L);
        }
    }

    private void awaitAnswers(int count) {
        await().atMost(Duration.ofMinutes(1)).until(() -> answered.get() >= count);
    }

    /** What happens meanwhile. */
    private interface Meanwhile {
        void happens() throws Exception;
    }

    private void runAll(ConnectionManager<Requests<String, String>> connections, Endpoint redis, Meanwhile meanwhile)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            workers.add(threads.submit(() -> work(connections, redis)));
        }
        meanwhile.happens();
        for (Future<?> worker : workers) {
            worker.get(2, TimeUnit.MINUTES);
        }
        threads.shutdown();
        assertThat(answered).hasValueGreaterThanOrEqualTo(COMMANDS);
    }

    private Void work(ConnectionManager<Requests<String, String>> connections, Endpoint redis) throws Exception {
        for (int i = begun.incrementAndGet(); i <= COMMANDS || !restarted; i = begun.incrementAndGet()) {
            String text = "command " + i;
            assertThat(echo(connections, redis, text)).isEqualTo(text);
            answered.incrementAndGet();
        }
        return null;
    }

    /** The acquire waits while the server is down; what was lost is sent again. */
    private String echo(ConnectionManager<Requests<String, String>> connections, Endpoint redis, String text)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return connections
                        .use(redis, lease -> {
                            CompletableFuture<String> answer =
                                    lease.connection().send("ECHO \"" + text + "\"\r\n");
                            return lease.connection().send("INCR count\r\n").thenCombine(answer, (count, own) -> own);
                        })
                        .get(1, TimeUnit.MINUTES);
            } catch (ExecutionException failed) {
                // Both commands are lost together, or may be executed twice: the count is of the other test.
                if (!(failed.getCause() instanceof RequestException) || attempt == ATTEMPTS) {
                    throw failed;
                }
            }
        }
    }
}
