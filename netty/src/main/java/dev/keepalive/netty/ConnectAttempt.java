package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect to one address: one socket with its pipeline, until it is the connection of the dial or is
 * closed. Event loop only.
 */
final class ConnectAttempt implements HappyEyeballs.Runner {
    /** Receives the progress of the steps that remain once the socket is connected. */
    interface Progress {
        /** The next phase begins. */
        void entered(Phase phase);

        /** All steps have succeeded. */
        void done();

        /** A step has failed; the descriptor is closed. */
        void failed(DialException failure);
    }

    /**
     * Something that must succeed after the socket is connected: a proxy or a TLS handshake.
     *
     * @param proxy the proxy whose step it is, or null
     */
    record Step(Phase phase, Future<?> done, @Nullable Endpoint proxy) {}

    private final SocketAddress remote;
    private final EventLoop loop;
    private final HappyEyeballs.Finish<ConnectAttempt> finish;
    private final DuplexChannel channel;
    private @Nullable DialedLink link;
    private @Nullable InetAddress boundTo;
    private List<Step> steps = List.of();
    private @Nullable Progress progress;
    private boolean ended;

    /** @param channel a new socket, not registered yet */
    ConnectAttempt(
            SocketAddress remote, EventLoop loop, DuplexChannel channel, HappyEyeballs.Finish<ConnectAttempt> finish) {
        this.remote = remote;
        this.loop = loop;
        this.channel = channel;
        this.finish = finish;
    }

    /** The address that it connects to. */
    SocketAddress remote() {
        return remote;
    }

    /** Begins to connect by this route. */
    void begin(Route route) {
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                connect(route);
            } else {
                fail(Phase.CONNECT, registered.cause());
            }
        });
    }

    private void connect(Route route) {
        if (ended) {
            return;
        }
        try {
            Route.Installed installed = route.install(channel, loop);
            link = installed.link();
            steps = installed.steps();
            boundTo = route.bindAddress();
            channel.connect(remote, route.localAddress()).addListener(this::connected);
        } catch (Throwable e) {
            // Not within begin: its caller has not stored the attempt yet.
            loop.execute(() -> fail(Phase.CONNECT, e));
        }
    }

    private void connected(Future<?> connected) {
        if (!connected.isSuccess()) {
            fail(Phase.CONNECT, connected.cause());
        } else if (channel.remoteAddress() instanceof InetSocketAddress peer && peer.equals(channel.localAddress())) {
            fail(Phase.CONNECT, new ConnectException("Connection refused: " + peer + " connected to itself"));
        } else if (!ended) {
            finish.connected(this);
        }
    }

    /** Goes through the remaining steps, one after the other. To be called once, when the attempt is connected. */
    void proceed(Progress listener) {
        progress = listener;
        nextStep(steps.iterator(), Phase.CONNECT);
    }

    private void nextStep(Iterator<Step> left, Phase last) {
        Progress listener = progress;
        if (ended || listener == null) {
            return;
        }
        if (!left.hasNext()) {
            stepsDone(listener);
            return;
        }
        Step step = left.next();
        if (step.phase() != last) {
            listener.entered(step.phase());
        }
        step.done().addListener(result -> {
            if (result.isSuccess()) {
                nextStep(left, step.phase());
            } else {
                // In a later task: the TLS handler is about to send an alert to the peer.
                loop.execute(() -> fail(step.phase(), ofProxy(step.proxy(), rootCause(result.cause()))));
            }
        });
    }

    private void stepsDone(Progress listener) {
        try {
            link().handshakesDone();
        } catch (Throwable e) {
            fail(Phase.TLS, e);
            return;
        }
        listener.done();
    }

    private Throwable rootCause(Throwable cause) {
        Throwable lower = link == null ? null : link.cause();
        return lower != null && cause instanceof ClosedChannelException ? lower : cause;
    }

    /** Adds the proxy to the message of a failed handshake with it. */
    private static Throwable ofProxy(@Nullable Endpoint proxy, Throwable cause) {
        return proxy == null || cause instanceof ProxyException
                ? cause
                : new ProxyException(proxy, "failed: " + SystemErrors.textOfTls(cause), cause);
    }

    /**
     * The connection. Only once the attempt is connected.
     *
     * @throws IllegalStateException if it is not connected
     */
    DialedLink link() {
        if (link == null) {
            throw new IllegalStateException("the attempt is not connected");
        }
        return link;
    }

    @Override
    public void close(Runnable whenClosed) {
        ended = true;
        closeAtOnce();
        AfterSelect.whenClosed(channel, loop, whenClosed);
    }

    /** Adds the address to the message of a failed connect, since not every transport names it. */
    private Throwable withAddress(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof ConnectException
                && remote instanceof InetSocketAddress to
                && !message.contains(to.toString())) {
            ConnectException named = new ConnectException(message + ": " + to);
            named.initCause(cause);
            return named;
        }
        return cause;
    }

    private void fail(Phase phase, Throwable cause) {
        if (!ended) {
            DialException failure = SystemErrors.of(phase, withAddress(cause), boundTo);
            Progress listener = progress;
            close(() -> {
                if (listener == null) {
                    finish.failed(this, failure);
                } else {
                    listener.failed(failure);
                }
            });
        }
    }

    /** Closes the socket without its handlers: TLS would wait for the peer. */
    private void closeAtOnce() {
        if (channel.isRegistered()) {
            channel.unsafe().close(channel.voidPromise());
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
