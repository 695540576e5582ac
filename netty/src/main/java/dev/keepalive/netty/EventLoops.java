package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a connector: somebody else's, or its own, which are made at the first dial. Safe from any thread.
 */
final class EventLoops {
    /** How long tasks that are running may go on when the loops are shut down. */
    private static final int SHUTDOWN_SECONDS = 2;

    private static final EventLoop[] NO_LOOPS = {};

    private final boolean shared;
    private final Transport transport;
    private volatile @Nullable EventLoopGroup group;
    /** All of the group, which does not change: nothing is made to look through them. */
    private volatile EventLoop[] allLoops;

    private boolean closed;

    /** @param shared whose loops to use, or null for own ones */
    EventLoops(@Nullable EventLoopGroup shared) {
        this.shared = shared != null;
        this.group = shared;
        this.allLoops = shared == null ? NO_LOOPS : allLoops(shared);
        this.transport = shared == null ? Transport.best() : Transport.of(shared);
    }

    /** What these loops carry. */
    Transport transport() {
        return transport;
    }

    /**
     * The loop for the next dial.
     *
     * @param wanted if it is one of these, that one
     * @throws IllegalStateException after {@link #close}
     */
    EventLoop next(@Nullable Executor wanted) {
        EventLoopGroup made = group;
        if (wanted instanceof EventLoop loop && loop.parent() == made) {
            return loop;
        }
        return (made != null ? made : makeGroup()).next();
    }

    /** The loop that the calling thread runs, or null. */
    @Nullable
    Executor current() {
        for (EventLoop loop : allLoops) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        return null;
    }

    private static EventLoop[] allLoops(EventLoopGroup group) {
        List<EventLoop> loops = new ArrayList<>();
        for (EventExecutor loop : group) {
            loops.add((EventLoop) loop);
        }
        return loops.toArray(NO_LOOPS);
    }

    /** Shuts own loops down; others' are left alone. Completes when their threads are done. */
    synchronized CompletionStage<?> close() {
        closed = true;
        EventLoopGroup made = group;
        if (shared || made == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
        made.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).addListener(done -> terminated.complete(null));
        return terminated;
    }

    private synchronized EventLoopGroup makeGroup() {
        if (closed) {
            throw new IllegalStateException("the connector is closed");
        }
        EventLoopGroup made = group;
        if (made == null) {
            made = new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(),
                    new DefaultThreadFactory("keepalive-netty", true),
                    transport.ioHandlerFactory());
            allLoops = allLoops(made);
            group = made;
        }
        return made;
    }
}
