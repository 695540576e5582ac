package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The connection as the holder of one lease sees it. It refers to the lease, so the lease is reachable as long as this
 * object can be used. It stops working when the lease ends, so nothing is written into the stream of the next holder.
 * Safe from any thread, except where stated.
 */
final class LeasedConnection implements NettyConnection {
    /**
     * The time before or after TLS was asked for on this connection. What was started in one era must not act in the
     * other.
     */
    enum Era {
        CLEAR,
        TLS
    }

    /**
     * What the holder has done with the connection. The era goes from CLEAR to TLS once; in each era, the mode goes
     * from unused to started or attached.
     */
    private enum Mode {
        UNUSED(Era.CLEAR, false),
        STARTED(Era.CLEAR, false),
        ATTACHED(Era.CLEAR, false),
        /** TLS has been asked for; tasks submitted before that are still to run. */
        TLS_REQUESTED(Era.TLS, false),
        /** The protocol in the clear is over; TLS is not in place, and may never be. */
        TLS_STARTING(Era.TLS, true),
        UNUSED_TLS(Era.TLS, true),
        STARTED_TLS(Era.TLS, true),
        ATTACHED_TLS(Era.TLS, true);

        final Era era;
        final boolean clearTextDone;

        Mode(Era era, boolean clearTextDone) {
            this.era = era;
            this.clearTextDone = clearTextDone;
        }

        boolean isUnused() {
            return this == UNUSED || this == UNUSED_TLS;
        }

        boolean isAttached() {
            return this == ATTACHED || this == ATTACHED_TLS;
        }

        boolean isChangingToTls() {
            return this == TLS_REQUESTED || this == TLS_STARTING;
        }
    }

    private static final VarHandle MODE;

    static {
        try {
            MODE = MethodHandles.lookup().findVarHandle(LeasedConnection.class, "mode", Mode.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final NettyLink link;
    private final Lease<NettyConnection> lease;
    private final long number;

    /**
     * Changed by the holder by compare-and-set, since two threads may start at once. While TLS begins, only the event
     * loop changes it.
     */
    private volatile Mode mode = Mode.UNUSED;

    /** @param number the number of the lease, as the manager counts */
    LeasedConnection(NettyLink link, Lease<NettyConnection> lease, long number) {
        this.link = link;
        this.lease = lease;
        this.number = number;
    }

    @Override
    public <T> FrameStream<T> start(Framing<T> framing, FrameListener<T> listener) {
        Objects.requireNonNull(framing, "framing");
        Objects.requireNonNull(listener, "listener");
        checkLeased();
        Mode before = mode;
        FrameReader<T> reader = new FrameReader<>(this, before.era, framing, listener);
        if (!before.isUnused() || !change(before, before == Mode.UNUSED ? Mode.STARTED : Mode.STARTED_TLS)) {
            throw cannotStart();
        }
        markUsed();
        link.started(number);
        runOnLoop(reader::start);
        return reader.frames();
    }

    @Override
    public ChannelFuture attach(ChannelHandler... handlers) {
        List<ChannelHandler> added = List.of(handlers);
        checkLeased();
        Era era = markAttached();
        markUsed();
        if (link.channel().eventLoop().inEventLoop()) {
            Throwable failure = attach(added, era);
            return failure == null
                    ? link.channel().newSucceededFuture()
                    : link.channel().newFailedFuture(failure);
        }
        ChannelPromise attached = link.channel().newPromise();
        runOnLoop(() -> {
            Throwable failure = attach(added, era);
            if (failure == null) {
                attached.setSuccess();
            } else {
                attached.setFailure(failure);
            }
        });
        return attached;
    }

    @Override
    public CompletionStage<Void> startTls(Endpoint as) {
        link.tlsSettings().check(as);
        if (!link.tlsSettings().usesTls(as)) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: it means no TLS; use withTls()");
        }
        checkLeased();
        if (link.tls() != null || !requestTls()) {
            throw new IllegalStateException(
                    "the connection has TLS, or TLS has been asked for before: it can begin once per connection");
        }
        markUsed();
        CompletableFuture<Void> done = LoopFuture.on(link.channel().eventLoop());
        CompletableFuture<Void> prepared = link.tlsSettings().prepareAsync(as);
        StartTls start = new StartTls(this, as, prepared, done, StartTls.STEP_TIMEOUT_MILLIS);
        try {
            runOnLoop(start::begin);
        } catch (IllegalStateException e) {
            done.completeExceptionally(e);
        }
        return done.copy();
    }

    @Override
    public Channel channel() {
        checkLeased();
        markUsed();
        // Until this task has run, the task itself keeps the lease reachable.
        runOnLoop(this::pin);
        return link.channel();
    }

    @Override
    public @Nullable String applicationProtocol() {
        checkLeased();
        return link.applicationProtocol();
    }

    NettyLink link() {
        return link;
    }

    Lease<NettyConnection> lease() {
        return lease;
    }

    /** @throws IllegalStateException if the lease has ended */
    void checkLeased() {
        if (lease.isEnded()) {
            throw leaseEnded();
        }
    }

    /** The present era, to be passed to {@link #isOver} and {@link #isTooLate}. */
    Era era() {
        return mode.era;
    }

    /** Whether nothing more may be asked for in this era: the lease has ended, or TLS has been asked for since. */
    boolean isOver(Era era) {
        return lease.isEnded() || isTlsRequestedSince(era);
    }

    /**
     * Whether a task of this era may no longer run: the reset after the lease has begun, or all tasks from before TLS
     * have run. Event loop only.
     */
    boolean isTooLate(Era era) {
        return !link.epoch().isUnfinished(number) || era == Era.CLEAR && mode.clearTextDone;
    }

    /**
     * Whether the holder is not told of the end of this era, since the holder has released the connection or asked for
     * TLS.
     */
    boolean isGivenUp(Era era) {
        return link.epoch().lastReleased() >= number || isTlsRequestedSince(era);
    }

    /** The exception for a call or task that comes after the end of its era. */
    IllegalStateException overException(Era era) {
        return !lease.isEnded() && isTlsRequestedSince(era) ? tlsRequested() : leaseEnded();
    }

    private boolean isTlsRequestedSince(Era era) {
        return era == Era.CLEAR && mode.era == Era.TLS;
    }

    /** All tasks submitted before TLS was asked for have run. Event loop only. */
    void clearTextDone() {
        mode = Mode.TLS_STARTING;
    }

    /** TLS is in place: the connection may be started or attached to again. */
    void tlsEstablished() {
        mode = Mode.UNUSED_TLS;
    }

    /**
     * Runs a task on the event loop, within this call if the calling thread is that loop.
     *
     * @throws IllegalStateException if the event loop is shut down
     */
    void runOnLoop(Runnable task) {
        try {
            link.runOnLoop(task);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the connection's event loop is shut down", e);
        }
    }

    private void pin() {
        if (link.epoch().isUnfinished(number)) {
            link.pin(this);
        }
    }

    static IllegalStateException leaseEnded() {
        return new IllegalStateException("the lease has ended: its connection must not be used any more");
    }

    static IllegalStateException tlsRequested() {
        return new IllegalStateException(
                "TLS has been asked for since: start the connection again when TLS is in place");
    }

    private IllegalStateException cannotStart() {
        return new IllegalStateException(
                mode.isChangingToTls()
                        ? "TLS has been asked for, and is not in place"
                        : "the connection has been started or attached to before: once per lease");
    }

    private void markUsed() {
        if (!link.epoch().markUsed(number)) {
            throw leaseEnded();
        }
    }

    /** @return the reason why the handlers could not be added, or null */
    private @Nullable Throwable attach(List<ChannelHandler> handlers, Era era) {
        if (isTooLate(era)) {
            return overException(era);
        }
        if (!link.channel().isActive()) {
            return link.streamEnd().closeCause();
        }
        pin();
        try {
            link.add(handlers);
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /**
     * Notes that handlers are attached. That may happen any number of times, but not after a start.
     *
     * @return the present era
     */
    private Era markAttached() {
        while (true) {
            Mode before = mode;
            if (before.isChangingToTls()) {
                throw cannotStart();
            }
            if (!before.isUnused() && !before.isAttached()) {
                throw new IllegalStateException(
                        "the connection has been started: attach handlers with a framing of your own");
            }
            if (before.isAttached() || change(before, before == Mode.UNUSED ? Mode.ATTACHED : Mode.ATTACHED_TLS)) {
                return before.era;
            }
        }
    }

    /**
     * Notes that TLS is asked for.
     *
     * @return false if it was asked for before
     */
    private boolean requestTls() {
        for (Mode before = mode; before.era == Era.CLEAR; before = mode) {
            if (change(before, Mode.TLS_REQUESTED)) {
                return true;
            }
        }
        return false;
    }

    private boolean change(Mode from, Mode to) {
        return MODE.compareAndSet(this, from, to);
    }

    @Override
    public String toString() {
        return link.toString();
    }
}
