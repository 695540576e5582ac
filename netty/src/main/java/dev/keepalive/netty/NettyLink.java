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
import org.jspecify.annotations.Nullable;

/** One connection: watched while it is not leased, used by one lease at a time, cleaned up in between. */
final class NettyLink extends LeaseEpoch implements Link<NettyConnection> {
    private final DuplexChannel channel;
    private final EventLoop loop;
    private final TlsSettings tlsSettings;
    private final LinkEvents<NettyConnection> events;
    private final InputGuard inputGuard = new InputGuard(this);
    private final LinkPipeline pipeline;
    private final TlsIdentity tlsIdentity;
    private final WriteTracker writeTracker = new WriteTracker(this);
    private final ResetTask reset;
    private final AtomicBoolean closedReported = new AtomicBoolean();

    /**
     * Something is held back for a holder. Written by the event loop before it reads the word, and read by a release
     * after it has changed the word: so at least one sees the other. That takes the sequential consistency of volatile.
     */
    private volatile boolean hasHeldInput;

    /**
     * What the connection leads to. Changes only while a lease is about to end as that, never by two threads at once.
     */
    private volatile Endpoint endpoint;

    // Event loop only.
    private boolean opened;
    /** The connection is half-closed, or something in it is unread, half-written or broken. */
    private boolean notReusable;
    /** Something came in that no holder has taken. */
    private boolean unexpectedInput;
    /** The protocol in the clear is over, and TLS is not in place. */
    private boolean betweenProtocols;

    private boolean flushDue;
    private @Nullable Throwable cause;

    private volatile boolean closing;
    /**
     * Keeps the lease reachable while its connection is used. Nothing else here refers to a lease: one that its holder
     * forgets must become garbage.
     */
    @SuppressWarnings("UnusedVariable")
    private @Nullable LeasedConnection pinned;

    /** @param tls the handler to put in front, or null for a connection in the clear */
    NettyLink(
            DuplexChannel channel,
            EventLoop loop,
            Endpoint endpoint,
            TlsSettings schemes,
            LinkEvents<NettyConnection> events,
            @Nullable SslHandler tls) {
        this.channel = channel;
        this.loop = loop;
        this.endpoint = endpoint;
        this.tlsIdentity = new TlsIdentity(schemes, endpoint);
        this.tlsSettings = schemes;
        this.events = events;
        this.reset = new ResetTask(this, loop);
        this.pipeline = new LinkPipeline(channel, loop, inputGuard, new UnreadInputHandler(this), tls);
    }

    /** The dial begins. */
    void fillPipeline() {
        pipeline.fill();
    }

    /** All handshakes of the dial are done. Asks the engine, which is foreign code. Event loop only. */
    void handshakesDone() {
        SslHandler tls = tls();
        if (tls != null) {
            tlsIdentity.handshakeDone(tls, endpoint);
        }
    }

    /** The dial has succeeded. Event loop only. */
    void open() {
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
        if (!tlsIdentity.mayServe(as)) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection " + tlsIdentity
                    + ", and they differ in what TLS has verified or would have");
        }
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

    DuplexChannel channel() {
        return channel;
    }

    @Nullable
    SslHandler tls() {
        return pipeline.tls();
    }

    TlsSettings tlsSettings() {
        return tlsSettings;
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
        pipeline.add(handlers, cause);
        inputGuard.open();
    }

    /**
     * Runs a task on the event loop: now if this is it, else after what this thread asked for before.
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

    /** Runs a task on the event loop, not now; never, if the loop is shut down. */
    void runLater(Runnable task) {
        execute(task, () -> {});
    }

    /** Flushes once for all that is written in one go. Event loop only. */
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

    /** Whether input that nobody has asked for is to be held back for a holder. */
    boolean mayHoldInput() {
        if (!opened) {
            return true;
        }
        long before = lastReleased();
        if (!events.inputReceived()) {
            return false;
        }
        hasHeldInput = true;
        // If a lease has ended meanwhile, nobody can know any more whose input this is.
        return lastReleased() == before;
    }

    /**
     * Whether the end of input that nobody has asked for is to be told to a holder: only if there is one who can ask.
     */
    boolean mayHoldEnd() {
        hasHeldInput = true;
        return isHandedOut() && !betweenProtocols;
    }

    void notReusable() {
        notReusable = true;
    }

    /** Something has come in that nobody takes. */
    void unexpectedInput() {
        unexpectedInput = true;
        notReusable = true;
    }

    /** Whether whatever is written now is in no protocol: the one is over, and the next not begun. */
    boolean isBetweenProtocols() {
        return betweenProtocols;
    }

    /** Why the connection ends: the first cause counts. */
    void recordCause(Throwable why) {
        cause = cause == null ? why : cause;
    }

    @Nullable
    Throwable cause() {
        return cause;
    }

    /** Whether somebody on this side has asked for the end. */
    boolean isClosing() {
        return closing;
    }

    void fail(Throwable why) {
        notReusable();
        recordCause(why);
        close();
    }

    /** The connection is closed: nobody uses it any more. */
    void channelClosed() {
        pinned = null;
        pipeline.clear();
        writeTracker.onFlushed(null);
    }

    // ---- between two leases, on the event loop

    /**
     * The holder can ask for nothing any more. What was written goes out, and what is in the socket already, which is
     * too much, is read.
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
        boolean quiet = sameProtocol
                && nothingHeld
                && writeTracker.isDone()
                && !notReusable
                && !betweenProtocols
                && isIntact()
                && tlsIdentity.mayServe(endpoint);
        notReusable = !quiet;
        pinned = null;
        hasHeldInput = false;
        events.resetDone(quiet);
    }

    /** The loop is shut down. */
    void resetImpossible() {
        events.resetDone(false);
    }

    private boolean isIntact() {
        return channel.isActive() && !channel.isInputShutdown() && !channel.isOutputShutdown() && pipeline.isTlsIntact();
    }

    // ---- from a protocol in the clear into TLS, on the event loop

    /** The protocol that was spoken is over: its handlers go, what they wrote goes out; then the task runs. */
    void leaveProtocol(Runnable next, Runnable ifShutDown) {
        betweenProtocols = true;
        inputGuard.refuse();
        notReusable |= !pipeline.removeHandlersOfLease();
        flushAndRead();
        writeTracker.whenDone(() -> AfterSelect.then(loop, next, ifShutDown));
    }

    /** Why TLS cannot begin here, or null if it can. Ends what {@link #leaveProtocol} began. */
    @Nullable
    String obstacleToTls() {
        boolean nothingHeld = inputGuard.watch();
        if (!isIntact()) {
            return "the connection is closed, or half-closed";
        }
        if (unexpectedInput || !nothingHeld) {
            return "the peer said something before TLS: anybody on the way may have done that, so it is not taken";
        }
        return notReusable || !writeTracker.isDone()
                ? "the connection is in the middle of a message, or broken"
                : null;
    }

    /** Begins to shake hands. */
    void beginTls(SslHandler handler) {
        pipeline.startTls(handler);
    }

    /** The handshake was made for this endpoint. */
    void tlsEstablished(Endpoint as, SslHandler handler) {
        tlsIdentity.handshakeDone(handler, as);
        betweenProtocols = false;
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
            events.closed(cause);
        }
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
