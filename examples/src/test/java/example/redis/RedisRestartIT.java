package example.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.Requests;
import dev.keepalive.testservers.RedisServer;
import io.netty.handler.codec.redis.RedisMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client with a real server that is restarted while many threads use it. */
class RedisRestartIT {
    private static final int THREADS = 64;
    private static final int CONNECTIONS = 4;
    private static final int COMMANDS = Integer.getInteger("keepalive.redis.commands", 6_000);

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean restarted;

    @Test
    @Tag("L66")
    void noCommandFailsWhileTheServerIsRestartedTwice() throws Exception {
        try (RedisServer server = new RedisServer();
                var connections = manager()) {
            Endpoint redis = Endpoint.of("redis", "127.0.0.1", server.port());
            RedisClient client = new RedisClient(connections, redis, Duration.ofMillis(20));
            ExecutorService threads = threads();
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                workers.add(threads.submit(() -> work(client)));
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> answered.get() >= COMMANDS / 3);
            server.restart(true);
            await().atMost(Duration.ofMinutes(1)).until(() -> answered.get() >= COMMANDS * 2 / 3);
            server.restart(false);
            restarted = true;
            for (Future<?> worker : workers) {
                worker.get(2, TimeUnit.MINUTES);
            }
            threads.shutdown();
            assertThat(answered).hasValueGreaterThanOrEqualTo(COMMANDS);
            assertThat(connections.snapshot().all().leased()).isZero();
            assertThat(connections.snapshot().all().open()).isBetween(1, CONNECTIONS);
            assertThat(connections.snapshot().totals().opened()).isGreaterThan(2 * CONNECTIONS);
        }
    }

    /** Goes on until the server was restarted. An answer that belongs to another command would not be equal. */
    private Void work(RedisClient client) throws Exception {
        for (int i = begun.incrementAndGet(); i <= COMMANDS || !restarted; i = begun.incrementAndGet()) {
            assertThat(client.call("ECHO", "command " + i)).isEqualTo("command " + i);
            answered.incrementAndGet();
        }
        return null;
    }

    private static ConnectionManager<Requests<RedisMessage, RedisMessage>> manager() {
        return ConnectionManager.builder(NettyConnector.builder().build(RedisClient.RESP))
                .maxOpenPerEndpoint(CONNECTIONS)
                .dialBackOff(Duration.ofMillis(50), Duration.ofMillis(200))
                .build();
    }

    /** Virtual threads where there are any. */
    private static ExecutorService threads() throws ReflectiveOperationException {
        return Runtime.version().feature() < 21
                ? Executors.newFixedThreadPool(THREADS)
                : (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
    }
}
