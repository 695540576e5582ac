package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * On which thread the stages run that a program chains on the future of {@code use}. There is one event loop, and one
 * idle connection, so the work begins within the call of {@code use}.
 */
class UseContinuationTest extends SocketManagerRig {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final CompletableFuture<String> reply = new CompletableFuture<>();

    @BeforeEach
    void useOneLoop() throws Exception {
        manager(NettyConnector.builder().eventLoopGroup(group), 8, 4, options -> options);
        acquired().release();
        await().until(() -> manager.snapshot().all().idle() == 1);
    }

    @AfterEach
    void endTheLoop() throws Exception {
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    /** Completes the work's stage on the event loop, as a listener of the connection does. */
    private void replyOnTheLoop() {
        loop.execute(() -> reply.complete("pong"));
    }

    private boolean isOnLoop(CompletableFuture<String> used) throws Exception {
        CompletableFuture<Boolean> continued = used.thenApply(result -> loop.inEventLoop());
        replyOnTheLoop();
        return continued.get(20, TimeUnit.SECONDS);
    }

    @Test
    @Tag("I21")
    void aStageThatBlocksDelaysNoNeighbour() throws Exception {
        CountDownLatch neighbourIsServed = new CountDownLatch(1);
        CompletableFuture<Boolean> blocked =
                manager.use(endpoint, lease -> reply).thenApply(result -> awaitUninterrupted(neighbourIsServed));
        replyOnTheLoop();
        assertThat(manager.use(server.endpoint(1), UseContinuationTest::echoed).get(20, TimeUnit.SECONDS))
                .isEqualTo("echo ping");
        neighbourIsServed.countDown();
        assertThat(blocked.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aFailureIsToldOffTheLoopToo() throws Exception {
        CompletableFuture<Boolean> told =
                manager.use(endpoint, lease -> reply).handle((result, failure) -> loop.inEventLoop());
        loop.execute(() -> reply.completeExceptionally(new IOException("broken")));
        assertThat(told.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void withAnExecutorThatRunsTasksAtOnceStagesRunOnTheLoop() throws Exception {
        assertThat(isOnLoop(manager.use(AcquireRequest.to(endpoint), lease -> reply, Runnable::run)))
                .isTrue();
    }

    @Test
    void anExecutorOfTheCallerRunsTheStages() throws Exception {
        Executor named = task -> new Thread(task, "callers-own").start();
        CompletableFuture<String> thread = manager.use(AcquireRequest.to(endpoint), lease -> reply, named)
                .thenApply(result -> Thread.currentThread().getName());
        replyOnTheLoop();
        assertThat(thread.get(20, TimeUnit.SECONDS)).isEqualTo("callers-own");
    }

    @Test
    void anExecutorThatRefusesLosesNoResult() throws Exception {
        Executor refusing = task -> {
            throw new RejectedExecutionException("full");
        };
        assertThat(isOnLoop(manager.use(AcquireRequest.to(endpoint), lease -> reply, refusing)))
                .isFalse();
    }

    @Test
    void aUseThatIsCalledOnTheLoopContinuesThere() throws Exception {
        CompletableFuture<CompletableFuture<Boolean>> continued = new CompletableFuture<>();
        loop.execute(() ->
                continued.complete(manager.use(endpoint, lease -> reply).thenApply(result -> loop.inEventLoop())));
        CompletableFuture<Boolean> onLoop = continued.get(20, TimeUnit.SECONDS);
        replyOnTheLoop();
        assertThat(onLoop.get(20, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean awaitUninterrupted(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static CompletableFuture<String> echoed(Lease<NettyConnection> lease) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        lease.connection()
                .start(new FrameListener<String>() {
                    @Override
                    public void input(String line) {
                        answer.complete(line);
                    }

                    @Override
                    public void ended(@Nullable Throwable error) {
                        answer.completeExceptionally(new IOException("ended", error));
                    }
                })
                .send("echo ping");
        return answer;
    }
}
