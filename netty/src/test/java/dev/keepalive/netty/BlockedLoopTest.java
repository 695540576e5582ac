package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeTime;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event loops that wait: for what they bring themselves they must not, and whatever they do, a manager ends. */
class BlockedLoopTest {
    private static final int PATIENCE_SECONDS = 60;

    private CountingServer server;
    private final NettyConnector connector = NettyConnector.create();
    private final FakeTime time = new FakeTime();
    private final ConnectionManager<NettyConnection> manager =
            ConnectionManager.builder(connector).time(time).build();
    private final CountDownLatch blocked = new CountDownLatch(1);

    @BeforeEach
    void start() throws Exception {
        server = new CountingServer();
    }

    @AfterEach
    void stop() throws Exception {
        blocked.countDown();
        manager.close();
        manager.closed().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        Closeables.closeAll(server);
    }

    private Lease<NettyConnection> acquired() throws Exception {
        return manager.acquire(server.endpoint()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static void assertRefusedOn(EventLoop loop, Callable<?> waiting) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                waiting.call();
                thrown.complete(new AssertionError("did not have to wait"));
            } catch (Throwable refused) {
                thrown.complete(refused);
            }
        });
        assertThat(thrown.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop");
    }

    @Test
    void anEventLoopThatWaitsForWhatItBringsItselfIsRefused() throws Exception {
        try (Lease<NettyConnection> lease = acquired()) {
            NettyConnection connection = lease.connection();
            FrameStream<String> frames = connection.start(new RecordingListener<>());
            EventLoop loop = connection.channel().eventLoop();
            assertRefusedOn(
                    loop, () -> frames.send("echo").toCompletableFuture().join());
            assertRefusedOn(loop, () -> connection
                    .startTls(server.endpoint().withTls())
                    .toCompletableFuture()
                    .get(1, TimeUnit.SECONDS));
            assertRefusedOn(loop, () -> manager.closed().toCompletableFuture().join());
            assertRefusedOn(loop, () -> manager.drain(Duration.ofSeconds(1))
                    .toCompletableFuture()
                    .join());
        }
    }

    @Test
    void anEventLoopThatWaitsForTheEndOfItsConnectorIsRefused() throws Exception {
        try (Lease<NettyConnection> lease = acquired()) {
            EventLoop loop = lease.connection().channel().eventLoop();
            assertRefusedOn(loop, () -> connector.close().toCompletableFuture().join());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aManagerEndsThoughAnEventLoopIsBlocked(boolean drains) throws Exception {
        Lease<NettyConnection> lease = acquired();
        lease.connection().channel().eventLoop().execute(this::block);
        CompletableFuture<?> end = manager.closed().toCompletableFuture();
        if (drains) {
            end = manager.drain(Duration.ofMillis(100)).toCompletableFuture();
        } else {
            manager.close();
        }
        CompletableFuture<?> over = end;
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).until(() -> {
            time.advance(Duration.ofSeconds(1));
            return over.isDone();
        });
        Object clean = over.get();
        assertThat(blocked.getCount()).as("the loop is still blocked").isEqualTo(1);
        assertThat(clean).isEqualTo(drains ? false : null);
        assertThatThrownBy(() -> manager.blocking().acquire(server.endpoint())).hasMessageContaining("closed");
    }

    private void block() {
        try {
            blocked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
