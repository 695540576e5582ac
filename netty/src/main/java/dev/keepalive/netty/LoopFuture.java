package dev.keepalive.netty;

import dev.keepalive.spi.EventLoopFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A future of what happens on an event loop: it refuses to block the loops of that group. Safe from any thread. */
final class LoopFuture<T extends @Nullable Object> extends EventLoopFuture<T> {
    private final EventLoopGroup group;

    LoopFuture(EventLoopGroup group) {
        this.group = group;
    }

    /** A future of what happens on this loop. */
    static <T extends @Nullable Object> LoopFuture<T> on(EventLoop loop) {
        EventLoopGroup parent = loop.parent();
        return new LoopFuture<>(parent == null ? loop : parent);
    }

    @Override
    protected boolean isOnEventLoop() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopFuture<>(group);
    }
}
