package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The connection as the holder of one lease has it. Refers to the lease, so that it is reachable for as long as somebody can use this; and
 * stops working when the lease ends, so that nobody writes into the next holder's stream.
 */
final class LeasedConnection implements NettyConnection {
    private enum Mode {
        UNUSED,
        STARTED,
        ATTACHED,
        /** TLS has been asked for, and is not in place; it may never be. */
        CHANGING
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
    private final int number;
    private volatile Mode mode = Mode.UNUSED;
    /** TLS has been asked for: what was started before must not be used any more. */
    private volatile boolean tlsAsked;
    /** What was asked for before that has been done. Event loop only. */
    private boolean tlsBegun;

    /** @param number of the lease, as the link counts */
    LeasedConnection(NettyLink link, Lease<NettyConnection> lease, int number) {
        this.link = link;
        this.lease = lease;
        this.number = number;
    }

    @Override
    public <T> Frames<T> start(Framing<T> framing, FrameListener<T> listener) {
        Objects.requireNonNull(framing, "framing");
        Objects.requireNonNull(listener, "listener");
        checkLeased();
        FrameReader<T> reader = new FrameReader<>(this, framing, listener);
        if (!change(Mode.UNUSED, Mode.STARTED)) {
            throw cannotStart();
        }
        use();
        runOnLoop(reader::start);
        return reader.frames();
    }

    @Override
    public ChannelFuture attach(ChannelHandler... handlers) {
        List<ChannelHandler> added = List.of(handlers);
        checkLeased();
        Mode before = (Mode) MODE.compareAndExchange(this, Mode.UNUSED, Mode.ATTACHED);
        if (before == Mode.STARTED) {
            throw new IllegalStateException(
                    "the connection has been started: attach handlers by a framing of your own");
        }
        if (before == Mode.CHANGING) {
            throw cannotStart();
        }
        use();
        boolean inClear = !tlsAsked;
        if (link.channel().eventLoop().inEventLoop()) {
            Throwable failure = attach(added, inClear);
            return failure == null
                    ? link.channel().newSucceededFuture()
                    : link.channel().newFailedFuture(failure);
        }
        ChannelPromise attached = link.channel().newPromise();
        runOnLoop(() -> {
            Throwable failure = attach(added, inClear);
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
        link.schemes().check(as);
        if (!link.schemes().meanTls(as)) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: it means no TLS; use withTls()");
        }
        checkLeased();
        if (link.tls() != null || (Mode) MODE.getAndSet(this, Mode.CHANGING) == Mode.CHANGING) {
            throw new IllegalStateException(
                    "the connection has TLS, or has been told to begin it: once per connection");
        }
        tlsAsked = true;
        use();
        CompletableFuture<Void> done = new CompletableFuture<>();
        StartTls start = new StartTls(this, as, done);
        link.schemes().prepared(as).whenComplete((prepared, failure) -> {
            try {
                if (failure != null) {
                    throw new IllegalStateException("no TLS settings can be had", failure);
                }
                runOnLoop(start::begin);
            } catch (IllegalStateException e) {
                done.completeExceptionally(e);
            }
        });
        return done.minimalCompletionStage();
    }

    @Override
    public Channel channel() {
        checkLeased();
        use();
        // Until this task has run it is itself what keeps the lease reachable.
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
        if (isOver()) {
            throw ended();
        }
    }

    /** Whether the lease has ended, in whatever way. */
    boolean isOver() {
        if (isReleased()) {
            return true;
        }
        try {
            lease.connection();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** Whether the lease has been released. */
    boolean isReleased() {
        return !link.isPresent(number);
    }

    /** Whether all that the holder may still ask for comes too late: the clean-up after its lease has begun. Event loop only. */
    boolean isTooLate() {
        return !link.isUnfinished(number);
    }

    /** Whether TLS has been asked for. */
    boolean isTlsAsked() {
        return tlsAsked;
    }

    /** Whether what was started before TLS, or after it, must not do anything any more. */
    boolean isOver(boolean inClear) {
        return isSuperseded(inClear) || isOver();
    }

    /** Whether what was started before TLS, or after it, has had its time, since TLS was asked for. */
    boolean isSuperseded(boolean inClear) {
        return inClear && tlsAsked;
    }

    /** The same as {@link #isTooLate()}, for what was started before TLS, or after it. Event loop only. */
    boolean isTooLate(boolean inClear) {
        return isTooLate() || inClear && tlsBegun;
    }

    /** What was asked for before TLS has been done. Event loop only. */
    void tlsBegins() {
        tlsBegun = true;
    }

    /** TLS is in place. */
    void mayBeStartedAnew() {
        mode = Mode.UNUSED;
    }

    /** Runs a task on the event loop, now if this is it. */
    void runOnLoop(Runnable task) {
        try {
            link.run(task);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the connection's event loop is shut down", e);
        }
    }

    private void pin() {
        if (!isTooLate()) {
            link.pin(this);
        }
    }

    static IllegalStateException ended() {
        return new IllegalStateException("the lease has ended: its connection must not be used any more");
    }

    static IllegalStateException superseded() {
        return new IllegalStateException("TLS has been asked for since: start the connection anew when it is in place");
    }

    private IllegalStateException cannotStart() {
        return new IllegalStateException(
                mode == Mode.CHANGING
                        ? "TLS has been asked for, and is not in place"
                        : "the connection has been started or attached to before: once per lease");
    }

    private void use() {
        if (!link.use(number)) {
            throw ended();
        }
    }

    /** @return why the handlers could not be added, or null */
    private @Nullable Throwable attach(List<ChannelHandler> handlers, boolean inClear) {
        if (isTooLate(inClear)) {
            return isTooLate() ? ended() : superseded();
        }
        if (!link.channel().isActive()) {
            Throwable cause = link.cause();
            return cause != null ? cause : new ClosedChannelException();
        }
        pin();
        try {
            link.add(handlers);
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private boolean change(Mode from, Mode to) {
        return MODE.compareAndSet(this, from, to);
    }

    @Override
    public String toString() {
        return link.toString();
    }
}
