package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One open connection: watched while it is not leased, used by one lease at a time, and reset between two leases. The
 * methods for the manager are safe from any thread.
 */
final class NettyLink extends LeaseEpoch implements Link<NettyConnection>, DialedLink {
    private final DuplexChannel channel;
    private final EventLoop loop;
    private final TlsSettings tlsSettings;
    private final LinkEvents<NettyConnection> events;
    private final InputGuard inputGuard = new InputGuard(this);
    private final LinkPipeline pipeline;
    private final VerifiedTls tlsIdentity;
    private final StreamEnd streamEnd;
    private final WriteTracker writeTracker = new WriteTracker(this);
    private final ConnectionReset reset;
    private final AtomicBoolean closedReported = new AtomicBoolean();

    /**
     * Input is held back for a holder. The event loop writes this field before it reads the word of {@link LeaseEpoch};
     * a release reads it after it has changed the word. Both are volatile, so at least one of the two sees the other.
     */
    private volatile boolean hasHeldInput;

    /**
     * The endpoint that the connection leads to. It changes only while a lease is released as another endpoint, never
     * by two threads at once.
     */
    private volatile Endpoint endpoint;

    // Event loop only.
    private boolean opened;
    /** Half-closed or broken, or something is unread or half-written: not to be leased again. */
    private boolean notReusable;
    /** Input has arrived that no holder has read. */
    private boolean unexpectedInput;
    /** The protocol in the clear is over, and TLS is not in place yet. */
    private boolean betweenProtocols;

    private boolean flushDue;
    private volatile boolean closing;
    /**
     * Keeps the lease reachable while its connection is used. No other field refers to a lease, since a leaked lease
     * must become garbage.
     */
    @SuppressWarnings("UnusedVariable")
    private @Nullable LeasedConnection pinned;

    /** @param tls the TLS handler at the front of the pipeline, or null for a connection in the clear */
    NettyLink(
            DuplexChannel channel,
            EventLoop loop,
            Endpoint endpoint,
            TlsSettings tlsSettings,
            LinkEvents<NettyConnection> events,
            @Nullable SslHandler tls) {
        this.channel = channel;
        this.loop = loop;
        this.endpoint = endpoint;
        this.tlsIdentity = new VerifiedTls(tlsSettings, endpoint);
        this.tlsSettings = tlsSettings;
        this.events = events;
        this.reset = new ConnectionReset(this, loop);
        this.pipeline = new LinkPipeline(channel, loop, inputGuard, new UnreadInputHandler(this), tls);
        this.streamEnd = new StreamEnd(this, pipeline);
    }

    @Override
    public void fillPipeline() {
        pipeline.fill();
    }

    @Override
    public void handshakesDone() throws SSLException {
        SslHandler tls = tls();
        if (tls != null) {
            tlsIdentity.handshakeDone(tls, endpoint);
        }
    }

    @Override
    public void open() {
        opened = true;
        pipeline.opened();
        events.opened(this);
        inputGuard.askAboutHeld();
        AfterSelect.whenClosed(channel, loop, this::reportClosed);
    }

    // ---- for the manager

    @Override
    public NettyConnection handle(Lease<NettyConnection> holder, long number) {
        markHandedOut(number);
        return new LeasedConnection(this, holder, number);
    }

    @Override
    public void reset(long number) {
        boolean used = releaseLease(number);
        if (!used && !hasHeldInput) {
            events.resetDone(channel.isActive());
        } else {
            reset.begin();
        }
    }

    @Override
    public Executor eventLoop() {
        return loop;
    }

    @Override
    public void rekey(Endpoint as) {
        tlsIdentity.checkRekey(endpoint, as);
        endpoint = as;
    }

    @Override
    public void setupDone() {
        tlsIdentity.setupDone(endpoint);
    }

    @Override
    public void close() {
        closing = true;
        if (loop.isShutdown()) {
            reportClosed();
        } else if (loop.inEventLoop()) {
            pipeline.close();
        } else {
            execute(pipeline::close, this::reportClosed);
        }
    }

    // ---- for the handle of a lease

    @Override
    public DuplexChannel channel() {
        return channel;
    }

    @Nullable
    SslHandler tls() {
        return pipeline.tls();
    }

    TlsSettings tlsSettings() {
        return tlsSettings;
    }

    /** The endpoint that the connection leads to. */
    Endpoint endpoint() {
        return endpoint;
    }

    @Nullable
    String applicationProtocol() {
        return tlsIdentity.applicationProtocol();
    }

    WriteTracker writes() {
        return writeTracker;
    }

    /** Keeps the lease reachable until it ends. Event loop only. */
    void pin(LeasedConnection connection) {
        if (channel.isActive()) {
            pinned = connection;
        }
    }

    /** Adds handlers of the present lease, all or none, and lets input pass. Event loop only. */
    void add(List<? extends ChannelHandler> handlers) {
        pipeline.add(handlers, streamEnd.cause());
        inputGuard.open();
    }

    /**
     * Runs a task on the event loop: now if the calling thread is that loop; else after the tasks that this thread
     * submitted before.
     *
     * @throws RejectedExecutionException if the loop is shut down
     */
    void runOnLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Runs a task on the event loop, never within this call. If the loop is shut down, the task does not run. */
    void runLater(Runnable task) {
        execute(task, () -> {});
    }

    /** Flushes once for all frames that one task writes. Event loop only. */
    void flushSoon() {
        if (!flushDue) {
            flushDue = true;
            runLater(() -> {
                flushDue = false;
                channel.flush();
            });
        }
    }

    // ---- for the handlers, on the event loop

    /** Whether input that no lease has asked for is to be held back for a holder. */
    boolean mayHoldInput() {
        if (!opened) {
            return true;
        }
        long before = lastReleased();
        if (!events.inputReceived()) {
            return false;
        }
        hasHeldInput = true;
        // If a lease has ended in the meantime, it is unknown to which lease the input belongs.
        return lastReleased() == before;
    }

    /**
     * Whether the end of input, which no lease has asked for, is to be kept for a holder. Only if there is a holder who
     * can still start or attach.
     */
    boolean mayHoldEnd() {
        hasHeldInput = true;
        return isHandedOut() && !betweenProtocols;
    }

    /** The connection must not be leased again. */
    void markNotReusable() {
        notReusable = true;
    }

    /** Input has arrived that no handler has consumed. */
    void unexpectedInput() {
        unexpectedInput = true;
        notReusable = true;
    }

    /** Whether the protocol in the clear is over and TLS has not begun. What is written now would belong to neither. */
    boolean isBetweenProtocols() {
        return betweenProtocols;
    }

    StreamEnd streamEnd() {
        return streamEnd;
    }

    @Override
    public @Nullable Throwable cause() {
        return streamEnd.cause();
    }

    /** Whether this side has asked for the end of the connection. */
    boolean isClosing() {
        return closing;
    }

    void fail(Throwable reason) {
        markNotReusable();
        streamEnd.recordCause(reason);
        close();
    }

    /** The channel is closed. No lease uses the connection any more. */
    void channelClosed() {
        pinned = null;
        pipeline.clear();
        writeTracker.onFlushed(null);
    }

    // ---- between two leases, on the event loop

    /**
     * Begins the reset. From now on the holder's tasks have no effect. What was written is flushed, and what is in the
     * socket already, which is surplus, is read.
     */
    void endLease() {
        finishLease();
        inputGuard.refuse();
        flushAndRead();
    }

    private void flushAndRead() {
        writeTracker.onFlushed(null);
        channel.config().setAutoRead(true);
        channel.flush();
    }

    void cleanUp() {
        boolean sameProtocol = pipeline.removeHandlersOfLease();
        boolean nothingHeld = inputGuard.watch();
        boolean reusable = sameProtocol
                && nothingHeld
                && writeTracker.isDone()
                && !notReusable
                && !betweenProtocols
                && isIntact()
                && tlsIdentity.mayServe(endpoint);
        notReusable = !reusable;
        pinned = null;
        hasHeldInput = false;
        events.resetDone(reusable);
    }

    /** The event loop is shut down, so the reset cannot run. */
    void resetImpossible() {
        events.resetDone(false);
    }

    private boolean isIntact() {
        return channel.isActive()
                && !channel.isInputShutdown()
                && !channel.isOutputShutdown()
                && pipeline.isTlsIntact();
    }

    // ---- from a protocol in the clear into TLS, on the event loop

    /**
     * Ends the protocol in the clear: removes its handlers, writes what they wrote, reads what has arrived, then runs
     * the task.
     *
     * @param ifShutDown what to run instead if the loop is shut down
     */
    void leaveProtocol(Runnable next, Runnable ifShutDown) {
        betweenProtocols = true;
        inputGuard.refuse();
        notReusable |= !pipeline.removeHandlersOfLease();
        flushAndRead();
        writeTracker.whenDone(() -> AfterSelect.then(loop, next, ifShutDown));
    }

    /** The reason why TLS cannot begin, or null if it can. Completes what {@link #leaveProtocol} began. */
    @Nullable
    String obstacleToTls() {
        boolean nothingHeld = inputGuard.watch();
        if (!isIntact()) {
            return "the connection is closed, or half-closed";
        }
        if (unexpectedInput || !nothingHeld) {
            return "the peer sent something before TLS; an attacker on the network may have sent it";
        }
        return notReusable || !writeTracker.isDone() ? "the connection is in the middle of a message, or broken" : null;
    }

    /** Begins the handshake with this handler. */
    void beginTls(SslHandler handler) {
        pipeline.startTls(handler);
    }

    /** The handshake for this endpoint has succeeded. */
    void tlsEstablished(Endpoint as, SslHandler handler) throws SSLException {
        tlsIdentity.handshakeDone(handler, as);
        betweenProtocols = false;
        inputGuard.limitTls();
    }

    private void execute(Runnable task, Runnable ifShutDown) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ifShutDown.run();
        }
    }

    private void reportClosed() {
        if (closedReported.compareAndSet(false, true)) {
            events.closed(streamEnd.cause());
        }
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
