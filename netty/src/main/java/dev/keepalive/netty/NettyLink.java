package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One open connection: watched while it is not leased, used by one lease at a time, and reset between two leases. The
 * methods for the manager are safe from any thread.
 */
final class NettyLink extends ChannelLink<NettyConnection> {
    private final LeaseEpoch epoch = new LeaseEpoch();
    private final TlsSettings tlsSettings;

    /** Whether the connection stays open when the peer ends its stream, whatever the holder does with it. */
    private final boolean allowsHalfClosure;

    private final InputGuard inputGuard = new InputGuard(this);
    private final LinkPipeline pipeline;
    private final WriteTracker writeTracker = new WriteTracker(this);
    private final ConnectionReset reset;

    /**
     * Input is held back for a holder. The event loop writes this field before it reads the word of {@link LeaseEpoch};
     * a release reads it after it has changed the word. Both are volatile, so at least one of the two sees the other.
     */
    private volatile boolean hasHeldInput;

    /** The lease whose connection was started in the present era; -1 if none was. */
    private volatile long started = -1;

    // Event loop only.
    private boolean opened;
    /** Half-closed or broken, or something is unread or half-written: not to be leased again. */
    private boolean notReusable;
    /** Input has arrived that no holder has read. */
    private boolean unexpectedInput;
    /** The protocol in the clear is over, and TLS is not in place yet. */
    private boolean betweenProtocols;

    private boolean flushDue;
    /**
     * Keeps the lease reachable while its connection is used. No other field refers to a lease, since a leaked lease
     * must become garbage.
     */
    @SuppressWarnings("UnusedVariable")
    private @Nullable LeasedConnection pinned;

    /**
     * @param allowsHalfClosure whether the connection stays open when the peer ends its stream; else only if it is
     *     started
     * @param tls the TLS handler at the front of the pipeline, or null for a connection in the clear
     */
    NettyLink(
            DuplexChannel channel,
            EventLoop loop,
            Endpoint endpoint,
            TlsSettings tlsSettings,
            boolean allowsHalfClosure,
            LinkEvents<NettyConnection> events,
            @Nullable SslHandler tls) {
        super(channel, loop, endpoint, tlsSettings, events);
        this.tlsSettings = tlsSettings;
        this.allowsHalfClosure = allowsHalfClosure;
        this.reset = new ConnectionReset(this, loop);
        this.pipeline = new LinkPipeline(channel, loop, inputGuard, new UnreadInputHandler(this), tls);
    }

    @Override
    public void fillPipeline() {
        pipeline.fill(streamEnd());
    }

    @Override
    public void open() {
        opened = true;
        pipeline.opened();
        events.opened(this);
        inputGuard.askAboutHeld();
        reportWhenClosed();
    }

    // ---- for the manager

    @Override
    public NettyConnection handle(Lease<NettyConnection> holder, long number) {
        epoch.markHandedOut(number);
        return new LeasedConnection(this, holder, number);
    }

    @Override
    public void reset(long number) {
        boolean used = epoch.releaseLease(number);
        if (!used && !hasHeldInput) {
            events.resetDone(channel.isActive());
        } else {
            reset.begin();
        }
    }

    @Override
    void closeOnLoop() {
        pipeline.close();
    }

    // ---- for the handle of a lease

    /** Which lease was released last, and what the present one has done. */
    LeaseEpoch epoch() {
        return epoch;
    }

    @Override
    @Nullable
    SslHandler tls() {
        return pipeline.tls();
    }

    TlsSettings tlsSettings() {
        return tlsSettings;
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
        pipeline.add(handlers, cause());
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
        executeLater(task, () -> {});
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
        long before = epoch.lastReleased();
        if (!events.inputReceived()) {
            return false;
        }
        hasHeldInput = true;
        // If a lease has ended in the meantime, it is unknown to which lease the input belongs.
        return epoch.lastReleased() == before;
    }

    /**
     * Whether the end of input, which no lease has asked for, is to be kept for a holder. Only if there is a holder who
     * can still start or attach, or if the peer has sent something before, which must not be lost.
     */
    boolean mayHoldEnd(boolean behindInput) {
        hasHeldInput = true;
        return !betweenProtocols && (behindInput || epoch.isHandedOut() && keepsHalfClosed());
    }

    /** Whether the connection stays open when the peer has ended its stream. */
    boolean keepsHalfClosed() {
        return allowsHalfClosure || started > epoch.lastReleased();
    }

    /**
     * The holder of this lease starts the connection. Until the end of the lease, or until TLS begins, it stays open
     * when the peer has ended its stream. Safe from any thread.
     */
    void started(long number) {
        started = number;
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

    void fail(Throwable reason) {
        markNotReusable();
        streamEnd().recordCause(reason);
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
        epoch.finishLease();
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
                && tlsIdentity.mayServe(endpoint());
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
        started = -1;
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
        streamEnd().endsWith(handler);
        pipeline.startTls(handler);
    }

    /** The handshake for this endpoint has succeeded. */
    void tlsEstablished(Endpoint as, SslHandler handler) throws SSLException {
        tlsIdentity.handshakeDone(handler, as);
        betweenProtocols = false;
        inputGuard.limitTls();
    }
}
