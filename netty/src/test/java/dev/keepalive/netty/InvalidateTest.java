package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a listener of a connection is told when this side closes the connection, and when. */
class InvalidateTest extends SocketManagerRig {
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    private final CompletableFuture<Boolean> toldWithin = new CompletableFuture<>();

    /** Invalidates its lease as soon as the server has answered, on the event loop. */
    private final class Invalidating implements FrameListener<String> {
        private final Lease<NettyConnection> lease;

        Invalidating(Lease<NettyConnection> lease) {
            this.lease = lease;
        }

        @Override
        public void input(String line) {
            lease.invalidate();
            toldWithin.complete(ended.isDone());
        }

        @Override
        public void ended(@Nullable Throwable error) {
            ended.complete(Objects.requireNonNull(error));
        }
    }

    private void invalidateOnTheLoop() throws Exception {
        Lease<NettyConnection> lease = acquired();
        lease.connection().start(new Invalidating(lease)).send("echo ping");
        assertClosedHere();
    }

    private void assertClosedHere() throws Exception {
        assertThat(ended.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ClosedChannelException.class)
                .hasMessageContaining("closed on this side");
    }

    @Test
    void theListenerIsToldOfTheEndAfterTheCallOfInvalidate() throws Exception {
        manager(4, 1);
        invalidateOnTheLoop();
        assertThat(toldWithin.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void theListenerIsToldAfterTheCallEvenIfTheExecutorRunsTasksInTheirCaller() throws Exception {
        manager(NettyConnector.builder(), 4, 1, options -> options.callbackExecutor(Runnable::run));
        invalidateOnTheLoop();
        assertThat(toldWithin.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void theListenerIsToldThatThisSideClosedWhenTheManagerCloses() throws Exception {
        manager(4, 1);
        Lease<NettyConnection> lease = acquired();
        lease.connection().start(new Invalidating(lease));
        manager.close();
        assertClosedHere();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
