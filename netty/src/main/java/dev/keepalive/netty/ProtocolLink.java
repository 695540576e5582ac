package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One open connection that speaks a {@link Protocol}: its handlers stay between two leases, and {@link QuietProof} says
 * when the next lease may begin. The methods for the manager are safe from any thread.
 */
final class ProtocolLink<C> extends ChannelLink<C> implements ProtocolContext {
    private final Protocol<C> protocol;
    private final @Nullable SslHandler tls;
    private final QuietProof proof;
    private ProtocolGate gate;
    private final ProtocolFence fence;
    private final AnswerHabit habit;
    private final int lossesBefore;
    private final ProtocolReset reset;
    private final Farewell farewell = new Farewell(this);
    private final AtomicBoolean closedSession = new AtomicBoolean();

    /** How many tasks of holders are with the event loop and have not run. */
    private final AtomicInteger pendingTasks = new AtomicInteger();

    private volatile @Nullable Session<C> session;

    /** Null if each lease has the connection for itself. Written within install, before any other thread has it. */
    private @Nullable SharedLeases<C> shared;

    // Event loop only.
    private boolean opened;
    private boolean installing;
    private boolean stray;
    private boolean keepsHalfClosed;

    ProtocolLink(
            Protocol<C> protocol,
            ProtocolConnector.Parts parts,
            DuplexChannel channel,
            EventLoop loop,
            Endpoint endpoint,
            LinkEvents<C> events,
            @Nullable SslHandler tls) {
        super(channel, loop, endpoint, parts.tlsSettings(), events);
        this.protocol = protocol;
        this.tls = tls;
        this.habit = parts.habits().of(endpoint);
        this.lossesBefore = habit.losses();
        this.proof = new QuietProof(channel, parts.shortReadProves());
        this.gate = new ProtocolGate(this, proof);
        this.fence = new ProtocolFence(this, proof);
        this.reset = new ProtocolReset(this, events, proof, habit, loop);
    }

    @Override
    @Nullable
    SslHandler tls() {
        return tls;
    }

    // ---- for the dial, on the event loop

    @Override
    public void fillPipeline() {
        List<ChannelHandler> ofProxies = List.copyOf(channel.pipeline().toMap().values());
        ofProxies.forEach(this::watchTls);
        if (tls != null) {
            channel.pipeline().addLast(tls);
            watchTls(tls);
        }
        if (proof.hasTls()) {
            channel.pipeline().addFirst(new SocketPass(proof));
        }
        channel.pipeline().addLast(gate);
    }

    private void watchTls(ChannelHandler handler) {
        if (handler instanceof SslHandler any) {
            proof.watchTls(any);
            streamEnd().endsWith(any);
        }
    }

    @Override
    public void install() throws Exception {
        Throwable before = cause();
        if (before != null) {
            throw new IOException("an error before the protocol was installed", before);
        }
        installing = true;
        Session<C> made = Objects.requireNonNull(protocol.install(this), "the protocol's session");
        session = made;
        installing = false;
        List<ChannelHandler> handlers = handlersOfProtocol();
        channel.pipeline().addLast(fence);
        if (shared != null) {
            shared.installed(made);
            openGate();
        } else if (made instanceof SharedSession) {
            throw new IllegalStateException("a SharedSession is not allowed without ProtocolContext.share");
        } else {
            proof.watch(handlers);
        }
        for (ChannelHandler handler : handlers) {
            if (channel.pipeline().context(handler).executor() != loop) {
                throw new IllegalStateException(handler + " is not allowed with an executor of its own: what it decodes"
                        + " would come when the lease has ended");
            }
        }
        gate.installed();
    }

    /** Several leases will have the connection: from now on nothing is held back, and no input is unexpected. */
    private void openGate() {
        SharedGate open = new SharedGate(this, proof, gate);
        channel.pipeline().replace(gate, null, open);
        gate = open;
    }

    private List<ChannelHandler> handlersOfProtocol() {
        List<ChannelHandler> all = new ArrayList<>(channel.pipeline().toMap().values());
        return all.subList(all.indexOf(gate) + 1, all.size());
    }

    @Override
    public void open() {
        opened = true;
        gate.limitTls();
        if (shared != null) {
            shared.opened();
        }
        events.opened(this);
        reportWhenClosed();
    }

    // ---- for the manager

    @Override
    public boolean isShared() {
        return shared != null;
    }

    @Override
    public C handle(Lease<C> lease, long number) {
        return shared == null ? session().open(lease) : shared.open(lease, number);
    }

    @Override
    public void reset(long number) {
        if (shared == null) {
            reset.begin(pendingTasks.get() == 0);
        } else {
            shared.ended(number);
        }
    }

    /** Whether the stream is at a message boundary, as far as its protocol says. Safe from any thread. */
    boolean isAtBoundary() {
        try {
            return !streamEnd().hasEnded()
                    && channel.config().isAutoRead()
                    && session().isReusable();
        } catch (Throwable thrown) {
            streamEnd().recordCause(thrown);
            return false;
        }
    }

    /** Whether the connection is open, and nothing has come that belongs to no lease. Event loop only. */
    boolean isIntact() {
        return !stray && channel.isActive() && !channel.isOutputShutdown() && !isTlsClosing();
    }

    private boolean isTlsClosing() {
        return tls != null && (tls.engine().isInboundDone() || tls.engine().isOutboundDone());
    }

    @Override
    void closeOnLoop() {
        farewell.say(gate);
        ChannelHandlerContext context = channel.pipeline().context(gate);
        if (context == null) {
            channel.unsafe().close(channel.voidPromise());
        } else {
            context.close();
        }
    }

    // ---- for the gate and the fence, on the event loop

    Session<C> session() {
        return Objects.requireNonNull(session, "a session that was never installed");
    }

    boolean isInstalled() {
        return session != null;
    }

    /** Input has arrived. @return false if it belongs to no lease */
    boolean inputReceived() {
        return !opened || events.inputReceived();
    }

    AnswerHabit habit() {
        return habit;
    }

    /** Whether the connection stays open when the peer has ended its stream. */
    boolean keepsHalfClosed() {
        return keepsHalfClosed;
    }

    /** The peer has ended its stream: without a holder, the connection is of no more use. */
    void closeIfEnded() {
        if (!keepsHalfClosed) {
            close(null);
        } else if (shared != null) {
            shared.retire();
        } else if (!inputReceived()) {
            close();
        }
    }

    /** Closes the connection. Without a holder, it is dead before anything else happens. */
    void closeWatched(Throwable reason) {
        if (shared == null) {
            inputReceived();
        }
        close(reason);
    }

    /** The peer has said something that belongs to no lease, or to none that has ended. */
    void closeAsStray() {
        stray = true;
        close(new StrayInputException(proof.isBetweenLeases()));
    }

    /** The next lease has begun, and the socket was empty: it may send. */
    void prove() {
        if (!channel.isActive()) {
            return;
        }
        if (proof.prove() && !stray) {
            gate.letGo();
        } else {
            closeAsStray();
        }
    }

    void proveAfterSelect() {
        AfterSelect.then(loop, this::prove, () -> {});
    }

    @Override
    void beforeClosed() {
        channelClosed();
    }

    void channelClosed() {
        Session<C> told = closedSession.compareAndSet(false, true) ? session : null;
        if (told != null) {
            if (shared != null) {
                shared.closing();
            }
            if (gate.isLost() || stray && gate.isUnanswered()) {
                habit.lost(loop.ticker(), lossesBefore);
            }
            told.closed(cause());
        }
    }

    // ---- for the protocol

    @Override
    public ChannelPipeline pipeline() {
        if (!installing) {
            throw new IllegalStateException("handlers can be added within install only");
        }
        return channel.pipeline();
    }

    @Override
    public void share(int capacity) {
        if (!installing) {
            throw new IllegalStateException("a connection can be shared from within install only");
        }
        if (shared == null) {
            shared = new SharedLeases<>(this, events, loop);
        }
        shared.capacity(capacity);
    }

    @Override
    public void capacity(int leases) {
        ofShared("capacity").capacity(leases);
    }

    @Override
    public void freePlace(long number) {
        ofShared("freePlace").free(number);
    }

    private SharedLeases<C> ofShared(String method) {
        if (shared == null) {
            throw new IllegalStateException(method + " is for a shared connection only: call share within install");
        }
        return shared;
    }

    @Override
    public boolean execute(Lease<?> lease, Runnable task, Runnable ifEnded) {
        if (shared != null) {
            return shared.execute(lease, task, ifEnded);
        }
        if (loop.inEventLoop()) {
            // Before the lease is looked at: a release on another thread sees this, or this sees the release.
            proof.writing();
            if (lease.isEnded()) {
                return false;
            }
            task.run();
            return true;
        }
        pendingTasks.incrementAndGet();
        if (lease.isEnded()) {
            pendingTasks.decrementAndGet();
            return false;
        }
        try {
            loop.execute(() -> {
                pendingTasks.decrementAndGet();
                try {
                    if (!execute(lease, task, ifEnded)) {
                        ifEnded.run();
                    }
                } catch (Throwable thrown) {
                    close(thrown);
                }
            });
            return true;
        } catch (RejectedExecutionException shutDown) {
            pendingTasks.decrementAndGet();
            return false;
        }
    }

    @Override
    public long flushes() {
        return gate.flushes();
    }

    @Override
    public void retire() {
        if (shared == null) {
            events.retire();
        } else {
            shared.retire();
        }
    }

    @Override
    public void close(@Nullable Throwable reason) {
        if (reason != null) {
            streamEnd().recordCause(reason);
        }
        if (shared != null) {
            shared.closing();
        }
        farewell.closedByProtocol();
        close();
    }

    @Override
    public void allowHalfClosure() {
        if (!installing) {
            throw new IllegalStateException("half-closure can be allowed within install only");
        }
        keepsHalfClosed = true;
    }
}
