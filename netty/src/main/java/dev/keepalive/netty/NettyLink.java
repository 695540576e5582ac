package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPipelineException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection: watched while nobody has it, lent to one lease at a time, cleaned up in between. The pipeline is {@code [TLS to proxies] [TLS]
 * gate … tail}, and what a lease adds stands at the dots.
 */
final class NettyLink implements Link<NettyConnection> {
    private static final int USED = 1;
    private static final int ENDING = 2;
    private static final int NUMBER_SHIFT = 2;

    private final DuplexChannel channel;
    private final EventLoop loop;
    private final TlsSchemes schemes;
    private final LinkEvents<NettyConnection> events;
    private final @Nullable SslHandler tls;
    private final Gate gate = new Gate(this);
    private final Tail tail = new Tail(this);
    private final Writes writes = new Writes(this);
    private final AtomicBoolean closedTold = new AtomicBoolean();

    /**
     * The number of the lease, and whether it is USED or ENDING. One word, so that use and end meet in one atomic step. A lease that is used
     * goes on to the next number on the event loop, after all that its holder has asked for; one that is not used, at once.
     */
    private final AtomicInteger lease = new AtomicInteger();

    // Each side writes one of these, or the lease above, before it reads what the other writes: so at least one sees
    // the other. It takes the sequential consistency of volatile.
    /** A holder has its handle. */
    private volatile boolean handedOut;
    /** Something is held back for a holder. */
    private volatile boolean holdsSomething;

    /** What was negotiated in the handshake. */
    private volatile @Nullable String applicationProtocol;

    /** What the connection leads to. Changes only while a lease is about to end, which cannot happen twice at once. */
    private volatile Endpoint endpoint;

    // Event loop only.
    private boolean opened;
    /** The handlers that are there for as long as the connection is. */
    private List<ChannelHandler> permanent = List.of();
    /** The connection is half-closed, or something in it is unread, half-written or broken. */
    private boolean noNextLease;

    private boolean flushDue;
    private @Nullable Throwable cause;
    /**
     * Keeps the lease reachable while its connection is used. Nothing else here refers to a lease: one that its holder forgets must become
     * garbage.
     */
    @SuppressWarnings("UnusedVariable")
    private @Nullable LeasedConnection pinned;

    /** @param tls the handler to put in front, or null for a connection in the clear */
    NettyLink(
            DuplexChannel channel,
            EventLoop loop,
            Endpoint endpoint,
            TlsSchemes schemes,
            LinkEvents<NettyConnection> events,
            @Nullable SslHandler tls) {
        this.channel = channel;
        this.loop = loop;
        this.endpoint = endpoint;
        this.schemes = schemes;
        this.events = events;
        this.tls = tls;
    }

    /** The dial begins. */
    void fillPipeline() {
        if (tls != null) {
            channel.pipeline().addLast(tls);
        }
        channel.pipeline().addLast(gate, tail);
    }

    /** The dial has succeeded. Event loop only. */
    void open() {
        opened = true;
        applicationProtocol = tls == null ? null : TlsSchemes.applicationProtocol(tls);
        permanent = List.copyOf(channel.pipeline().toMap().values());
        events.opened(this);
        gate.askAboutHeld();
        SelectorPass.whenClosed(channel, loop, this::tellClosed);
    }

    // ---- for the manager

    @Override
    public NettyConnection handle(Lease<NettyConnection> holder) {
        handedOut = true;
        return new LeasedConnection(this, holder, numberOf(lease.get()));
    }

    @Override
    public void reset() {
        int before = lease.getAndUpdate(now -> (now & USED) == 0 ? (numberOf(now) + 1) << NUMBER_SHIFT : now | ENDING);
        handedOut = false;
        if ((before & USED) == 0 && !holdsSomething) {
            events.reset(channel.isActive());
        } else {
            // Always a task of its own: a listener may be calling, whom a decoder calls that has more to say.
            execute(this::endLease, () -> events.reset(false));
        }
    }

    @Override
    public void rekey(Endpoint as) {
        boolean mayChange = tls == null && !schemes.meanTls(as) || schemes.areSameToTls(endpoint, as);
        if (!mayChange) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection was opened for "
                    + endpoint + ", and they differ in what TLS has verified or would have");
        }
        endpoint = as;
    }

    @Override
    public void close() {
        if (loop.isShutdown()) {
            tellClosed();
        } else if (loop.inEventLoop()) {
            closeNow();
        } else {
            execute(this::closeNow, this::tellClosed);
        }
    }

    /** Past the handlers of a lease, which may keep a close to themselves; they are told that the connection is gone. */
    private void closeNow() {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandlerContext context = pipeline.context(gate);
        boolean nobodyInFront = !opened || pipeline.first() == permanent.get(0);
        if (context != null && nobodyInFront) {
            context.close();
        } else {
            channel.unsafe().close(channel.voidPromise());
        }
    }

    // ---- for the handle of a lease

    DuplexChannel channel() {
        return channel;
    }

    @Nullable
    SslHandler tls() {
        return tls;
    }

    @Nullable
    String applicationProtocol() {
        return applicationProtocol;
    }

    Writes writes() {
        return writes;
    }

    /** Whether the lease with this number has not been released. */
    boolean isPresent(int number) {
        int now = lease.get();
        return numberOf(now) == number && (now & ENDING) == 0;
    }

    /** Whether a lease has done something that must be cleaned up after it, and has not been yet. */
    boolean isUsed() {
        return (lease.get() & USED) != 0;
    }

    /** Whether what the holder of the lease with this number asked for is still to be done, even if it has been released since. On the loop. */
    boolean isUnfinished(int number) {
        return numberOf(lease.get()) == number;
    }

    /**
     * The lease with this number does something that must be cleaned up after it. Safe from any thread.
     *
     * @return false if it has been released
     */
    boolean use(int number) {
        int now = lease.updateAndGet(
                before -> numberOf(before) == number && (before & ENDING) == 0 ? before | USED : before);
        return numberOf(now) == number && (now & ENDING) == 0;
    }

    /** Keeps the lease reachable until it ends. Event loop only. */
    void pin(LeasedConnection connection) {
        if (channel.isActive()) {
            pinned = connection;
        }
    }

    /** Adds handlers of the present lease, all or none, and lets input pass. Event loop only. */
    void add(List<? extends ChannelHandler> handlers) {
        ChannelPipeline pipeline = channel.pipeline();
        List<ChannelHandler> added = new ArrayList<>();
        try {
            for (ChannelHandler handler : handlers) {
                pipeline.addBefore(pipeline.context(tail).name(), null, handler);
                if (pipeline.context(handler) == null && !(handler instanceof ChannelInitializer)) {
                    throw new ChannelPipelineException(handler + " could not be added", cause);
                }
                added.add(handler);
            }
        } catch (RuntimeException e) {
            added.forEach(pipeline::remove);
            throw e;
        }
        gate.open();
    }

    /**
     * Runs a task on the event loop: now if this is it, else after what this thread asked for before.
     *
     * @throws RejectedExecutionException if the loop is shut down
     */
    void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Runs a task on the event loop, not now; never, if the loop is shut down. */
    void later(Runnable task) {
        execute(task, () -> {});
    }

    /** Flushes once for all that is written in one go. Event loop only. */
    void flushSoon() {
        if (!flushDue) {
            flushDue = true;
            later(() -> {
                flushDue = false;
                channel.flush();
            });
        }
    }

    // ---- for the handlers, on the event loop

    /** Whether input that nobody has asked for is to be held back for a holder. */
    boolean mayHoldInput() {
        if (!opened) {
            return true;
        }
        int before = numberOf(lease.get());
        if (!events.spoke()) {
            return false;
        }
        holdsSomething = true;
        // If a lease has ended meanwhile, nobody can know any more whose input this is.
        return isPresent(before);
    }

    /** Whether the end of input that nobody has asked for is to be told to a holder: only if there is one who can ask. */
    boolean mayHoldEnd() {
        holdsSomething = true;
        return handedOut;
    }

    void noNextLease() {
        noNextLease = true;
    }

    /** Why the connection ends: the first cause counts. */
    void blame(Throwable why) {
        cause = cause == null ? why : cause;
    }

    @Nullable
    Throwable cause() {
        return cause;
    }

    void fail(Throwable why) {
        noNextLease();
        blame(why);
        close();
    }

    /** The connection is closed: nobody uses it any more. */
    void gone() {
        pinned = null;
        writes.onFlushed(null);
    }

    // ---- between two leases, on the event loop

    private void endLease() {
        lease.updateAndGet(now -> (now & ENDING) == 0 ? now : (numberOf(now) + 1) << NUMBER_SHIFT);
        gate.shut();
        writes.onFlushed(null);
        // What is in the socket already is read, and found to be too much.
        channel.config().setAutoRead(true);
        channel.flush();
        writes.whenDone(() -> SelectorPass.then(loop, this::cleanUp, () -> events.reset(false)));
    }

    private void cleanUp() {
        boolean sameProtocol = removeHandlersOfLease();
        boolean nothingHeld = gate.watch();
        boolean quiet = sameProtocol && nothingHeld && writes.areDone() && !noNextLease && isWhole();
        noNextLease = !quiet;
        pinned = null;
        holdsSomething = false;
        events.reset(quiet);
    }

    private boolean isWhole() {
        return channel.isActive()
                && !channel.isInputShutdown()
                && !channel.isOutputShutdown()
                && (tls == null
                        || (!tls.engine().isInboundDone() && !tls.engine().isOutboundDone()));
    }

    /**
     * Takes away what is not ours, front to back, so that what decoders have left over runs into the tail.
     *
     * @return false if the peer may speak another protocol now than it did in the beginning
     */
    private boolean removeHandlersOfLease() {
        ChannelPipeline pipeline = channel.pipeline();
        boolean behindGate = false;
        boolean sameProtocol = true;
        for (ChannelHandler handler : pipeline.toMap().values()) {
            behindGate |= handler == gate;
            if (!permanent.contains(handler) && pipeline.context(handler) != null) {
                boolean onLoop = pipeline.context(handler).executor() == loop;
                sameProtocol &= behindGate && onLoop && !(handler instanceof SslHandler);
                pipeline.remove(handler);
            }
        }
        // Looked at anew: a handler may have added another one when it was taken away.
        return sameProtocol && List.copyOf(pipeline.toMap().values()).equals(permanent);
    }

    private static int numberOf(int lease) {
        return lease >>> NUMBER_SHIFT;
    }

    private void execute(Runnable task, Runnable ifShutDown) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ifShutDown.run();
        }
    }

    private void tellClosed() {
        if (closedTold.compareAndSet(false, true)) {
            events.closed(cause);
        }
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
