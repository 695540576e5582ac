package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a connector: the user's, or the connector's own, which are made at the first dial. Safe from any
 * thread.
 */
final class EventLoops {
    /** How long running tasks may continue when the loops are shut down. */
    private static final int SHUTDOWN_SECONDS = 2;

    private static final EventLoop[] NO_LOOPS = {};

    private final boolean shared;
    private final Transport transport;
    private volatile @Nullable EventLoopGroup group;
    /** All loops of the group, which do not change. An array, so that a search allocates nothing. */
    private volatile EventLoop[] allLoops;

    /** Completes when the threads of the connector's own loops have ended; null before {@link #close}. */
    private volatile @Nullable CompletableFuture<@Nullable Void> terminated;

    private boolean closed;

    /** @param shared the group whose loops are used, or null for the connector's own loops */
    EventLoops(@Nullable EventLoopGroup shared) {
        this.shared = shared != null;
        this.group = shared;
        this.allLoops = shared == null ? NO_LOOPS : allLoops(shared);
        this.transport = shared == null ? Transport.best() : Transport.of(shared);
    }

    /** The transport of these loops. */
    Transport transport() {
        return transport;
    }

    /**
     * The loop for the next dial.
     *
     * @param wanted this loop is used if it is one of the group; may be null
     * @throws IllegalStateException after {@link #close}, if no loop was made before
     */
    EventLoop next(@Nullable Executor wanted) {
        EventLoopGroup loopGroup = group;
        if (wanted instanceof EventLoop loop && loop.parent() == loopGroup) {
            return loop;
        }
        return (loopGroup != null ? loopGroup : makeGroup()).next();
    }

    /** The loop that the calling thread belongs to, or null. */
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

    /**
     * Shuts the connector's own loops down; shared loops are left alone. Idempotent.
     *
     * @return completes when the threads of the loops have ended
     */
    synchronized CompletionStage<?> close() {
        closed = true;
        EventLoopGroup loopGroup = group;
        if (shared || loopGroup == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> ended = terminated;
        if (ended == null) {
            ended = new LoopFuture<>(loopGroup);
            terminated = ended;
            loopGroup.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        }
        return ended;
    }

    /**
     * The last thread that ends completes the end. The group's own future does it on a thread that all users of Netty
     * in this JVM share, and may be busy.
     */
    private void loopEnded() {
        EventLoopGroup loopGroup = group;
        CompletableFuture<@Nullable Void> ended = terminated;
        if (ended != null && loopGroup != null && loopGroup.isTerminated()) {
            ended.complete(null);
        }
    }

    private synchronized EventLoopGroup makeGroup() {
        if (closed) {
            throw new IllegalStateException("the connector is closed");
        }
        EventLoopGroup loopGroup = group;
        if (loopGroup == null) {
            loopGroup = new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(),
                    new EventLoopThreads(this::loopEnded),
                    transport.ioHandlerFactory());
            allLoops = allLoops(loopGroup);
            group = loopGroup;
        }
        return loopGroup;
    }
}
