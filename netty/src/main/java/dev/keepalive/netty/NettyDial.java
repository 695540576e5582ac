package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One dial: looks the name up, tries its addresses in turn until one is connected, and shakes hands for TLS if asked to. Runs on one event
 * loop; {@link #stop} is safe from any thread.
 *
 * <p>A failed handshake ends the dial: another address of the same name would have to show the same certificate.
 */
final class NettyDial implements Dial {
    /** What is the same for all dials of a connector. */
    record Setting(SharedLookups lookups, TlsSchemes schemes, @Nullable InetAddress bindAddress) {}

    private final Setting setting;
    private final Endpoint endpoint;
    private final Duration timeout;
    private final EventLoop loop;
    private final LinkEvents<NettyConnection> events;
    private final AtomicBoolean answered = new AtomicBoolean();

    // Event loop only.
    private final SharedLookups.Asker asker = new AnswerToLoop();
    private SharedLookups.@Nullable Lookup lookup;
    private List<InetAddress> addresses = List.of();
    private int tried;
    private Phase phase = Phase.RESOLVE;
    private @Nullable SocketChannel channel;
    private @Nullable DialException failure;
    private boolean stopped;

    NettyDial(
            Setting setting, Endpoint endpoint, Duration timeout, EventLoop loop, LinkEvents<NettyConnection> events) {
        this.setting = setting;
        this.endpoint = endpoint;
        this.timeout = timeout;
        this.loop = loop;
        this.events = events;
    }

    void begin() {
        execute(this::resolve);
    }

    @Override
    public void stop() {
        execute(this::stopNow);
    }

    private void stopNow() {
        if (stopped || answered.get()) {
            return;
        }
        stopped = true;
        if (lookup != null) {
            lookup.leave(asker);
            lookup = null;
            finish();
        } else if (channel != null) {
            closeAtOnce(channel);
        }
    }

    // ---- looking up

    private void resolve() {
        if (TlsSchemes.isAddress(endpoint.host())) {
            try {
                // Numeric, so nothing is looked up.
                connectTo(List.of(InetAddress.getByName(endpoint.host())));
            } catch (UnknownHostException e) {
                fail(SystemErrors.of(Phase.RESOLVE, e));
            }
            return;
        }
        events.entered(Phase.RESOLVE);
        lookup = setting.lookups().join(endpoint.host(), loop, asker);
    }

    /** Brings the answer of a lookup, which may come on another loop, to ours. */
    private final class AnswerToLoop implements SharedLookups.Asker {
        @Override
        public void found(List<InetAddress> found) {
            execute(() -> {
                if (lookup != null) {
                    lookup = null;
                    connectTo(found);
                }
            });
        }

        @Override
        public void failed(Throwable cause) {
            execute(() -> {
                if (lookup != null) {
                    lookup = null;
                    fail(SystemErrors.of(Phase.RESOLVE, cause));
                }
            });
        }
    }

    private void connectTo(List<InetAddress> found) {
        if (found.isEmpty()) {
            fail(SystemErrors.of(Phase.RESOLVE, new UnknownHostException(endpoint.host())));
            return;
        }
        enter(Phase.CONNECT);
        addresses = reachable(found, setting.bindAddress());
        if (addresses.isEmpty()) {
            fail(SystemErrors.familyNotSupported("none of " + found + " is reached from " + setting.bindAddress()));
            return;
        }
        tryNext();
    }

    /** The addresses of the family of the one that we bind to. */
    private static List<InetAddress> reachable(List<InetAddress> found, @Nullable InetAddress bind) {
        return bind == null
                ? found
                : found.stream()
                        .filter(address -> address.getClass() == bind.getClass())
                        .toList();
    }

    // ---- connecting

    private void tryNext() {
        if (stopped || tried == addresses.size() || loop.isShuttingDown()) {
            finish();
            return;
        }
        InetAddress address = addresses.get(tried++);
        SocketChannel socket;
        try {
            socket = new NioSocketChannel();
        } catch (RuntimeException e) {
            note(e);
            tryNext();
            return;
        }
        channel = socket;
        loop.register(socket).addListener(registered -> connect(socket, address, registered));
    }

    private void connect(SocketChannel socket, InetAddress address, Future<?> registered) {
        if (!registered.isSuccess()) {
            attemptFailed(socket, registered.cause());
            return;
        }
        try {
            configure(socket.config());
            SslHandler handshake = setting.schemes().handlerFor(endpoint, socket.alloc());
            NettyLink link = new NettyLink(socket, loop, endpoint, setting.schemes(), events, handshake);
            link.fillPipeline();
            InetSocketAddress remote = new InetSocketAddress(address, endpoint.port());
            InetAddress bind = setting.bindAddress();
            socket.connect(remote, bind == null ? null : new InetSocketAddress(bind, 0))
                    .addListener(connected -> connected(socket, link, connected));
        } catch (RuntimeException e) {
            attemptFailed(socket, e);
        }
    }

    private void configure(SocketChannelConfig config) {
        config.setAllowHalfClosure(true).setTcpNoDelay(true).setKeepAlive(true);
        // The last address may take all the time that is left: the manager stops the dial when it is up.
        boolean last = tried == addresses.size();
        long share = Math.max(1, timeout.dividedBy(addresses.size()).toMillis());
        config.setConnectTimeoutMillis(last ? 0 : (int) Math.min(share, Integer.MAX_VALUE));
    }

    private void connected(SocketChannel socket, NettyLink link, Future<?> connected) {
        if (!connected.isSuccess()) {
            attemptFailed(socket, connected.cause());
        } else if (socket.remoteAddress().equals(socket.localAddress())) {
            attemptFailed(socket, new ConnectException("Connection refused: " + socket.localAddress() + " met itself"));
        } else if (link.tls() == null) {
            open(link);
        } else {
            enter(Phase.TLS);
            link.tls().handshakeFuture().addListener(shaken -> handshakeEnded(socket, link, shaken));
        }
    }

    private void handshakeEnded(SocketChannel socket, NettyLink link, Future<?> shaken) {
        if (shaken.isSuccess()) {
            open(link);
            return;
        }
        tried = addresses.size();
        Throwable lower = link.cause();
        Throwable cause = lower != null && shaken.cause() instanceof ClosedChannelException ? lower : shaken.cause();
        // The handler is about to tell the peer what is wrong.
        execute(() -> attemptFailed(socket, cause));
    }

    private void attemptFailed(SocketChannel socket, Throwable cause) {
        note(cause);
        closeAtOnce(socket);
        SelectorPass.whenClosed(socket, loop, this::tryNext);
    }

    /** Without a word to the peer, for which TLS would wait. */
    private static void closeAtOnce(SocketChannel socket) {
        socket.unsafe().close(socket.voidPromise());
    }

    // ---- answering

    private void open(NettyLink link) {
        if (answered.compareAndSet(false, true)) {
            link.open();
        } else {
            link.close();
        }
    }

    private void finish() {
        DialException known = failure;
        if (known != null && !stopped) {
            fail(known);
            return;
        }
        String text = stopped ? "stopped" : "the event loop is shut down";
        DialException told = new DialException(phase, 0, text, null);
        if (known != null) {
            told.addSuppressed(known);
        }
        fail(told);
    }

    private void note(Throwable cause) {
        DialException next = SystemErrors.of(phase, cause);
        if (failure == null) {
            failure = next;
        } else {
            failure.addSuppressed(next);
        }
    }

    private void enter(Phase next) {
        phase = next;
        events.entered(next);
    }

    private void fail(DialException told) {
        if (answered.compareAndSet(false, true)) {
            events.failed(told);
        }
    }

    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            fail(new DialException(Phase.CONNECT, 0, "the event loop is shut down", e));
        }
    }
}
