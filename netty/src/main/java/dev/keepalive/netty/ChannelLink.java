package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, whatever is spoken on it: its channel, what TLS has verified, how it ends. The methods for the
 * manager are safe from any thread.
 */
abstract class ChannelLink<C> implements Link<C>, DialedLink {
    final DuplexChannel channel;
    final EventLoop loop;
    final LinkEvents<C> events;
    final VerifiedTls tlsIdentity;
    private final StreamEnd streamEnd;
    private final AtomicBoolean closedReported = new AtomicBoolean();

    /**
     * The endpoint that the connection leads to. It changes only while a lease is released as another endpoint, never
     * by two threads at once.
     */
    private volatile Endpoint endpoint;

    ChannelLink(
            DuplexChannel channel, EventLoop loop, Endpoint endpoint, TlsSettings tlsSettings, LinkEvents<C> events) {
        this.channel = channel;
        this.loop = loop;
        this.endpoint = endpoint;
        this.events = events;
        this.tlsIdentity = new VerifiedTls(tlsSettings, endpoint);
        this.streamEnd = new StreamEnd(channel);
    }

    /** The handler of TLS to the endpoint, or null. */
    abstract @Nullable SslHandler tls();

    /** Closes the channel without the handlers of a holder or a protocol, which might not pass it on. */
    abstract void closeOnLoop();

    /** The manager is about to be told that the channel is closed. On any thread if the event loop is shut down. */
    void beforeClosed() {}

    @Override
    public final DuplexChannel channel() {
        return channel;
    }

    @Override
    public final void handshakesDone() throws SSLException {
        SslHandler handler = tls();
        if (handler != null) {
            tlsIdentity.handshakeDone(handler, endpoint);
        }
    }

    @Override
    public final @Nullable Throwable cause() {
        return streamEnd.cause();
    }

    /** How the peer's stream ends, and why the connection does. */
    final StreamEnd streamEnd() {
        return streamEnd;
    }

    /** The endpoint that the connection leads to now. */
    public final Endpoint endpoint() {
        return endpoint;
    }

    /** The protocol that TLS has negotiated, or null. */
    public final @Nullable String applicationProtocol() {
        return tlsIdentity.applicationProtocol();
    }

    @Override
    public final Executor eventLoop() {
        return loop;
    }

    @Override
    public final void rekey(Endpoint as) {
        tlsIdentity.checkRekey(endpoint, as);
        endpoint = as;
    }

    @Override
    public final void setupDone() {
        tlsIdentity.setupDone(endpoint);
    }

    @Override
    public final void close() {
        streamEnd.closing();
        if (loop.isShutdown()) {
            reportClosed();
        } else {
            execute(this::closeOnLoop, this::reportClosed);
        }
    }

    /** Tells the manager when the channel and its descriptor are closed. */
    final void reportWhenClosed() {
        AfterSelect.whenClosed(channel, loop, this::reportClosed);
    }

    private void reportClosed() {
        if (closedReported.compareAndSet(false, true)) {
            try {
                beforeClosed();
            } finally {
                events.closed(streamEnd.cause());
            }
        }
    }

    /** Runs a task on the event loop, within this call if the calling thread is that loop. */
    final void execute(Runnable task, Runnable ifShutDown) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            executeLater(task, ifShutDown);
        }
    }

    /** Runs a task on the event loop, never within this call. */
    final void executeLater(Runnable task, Runnable ifShutDown) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ifShutDown.run();
        }
    }

    @Override
    public final String toString() {
        return channel.toString();
    }
}
