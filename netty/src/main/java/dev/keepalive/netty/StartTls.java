package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.LeasedConnection.Era;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The way of one connection from a protocol in the clear into TLS, within a lease. What the peer says before the
 * handshake could have come from anyone on the way, and would be taken for what came after it (CVE-2011-0411): so there
 * must be nothing. Event loop only.
 */
final class StartTls {
    /** For each of the two steps. */
    private static final long STEP_TIMEOUT_MILLIS = 10_000;

    private final LeasedConnection connection;
    private final NettyLink link;
    private final Endpoint as;
    private final CompletableFuture<Void> done;

    /** @param done completes when TLS is in place, or with why not */
    StartTls(LeasedConnection connection, Endpoint as, CompletableFuture<Void> done) {
        this.connection = connection;
        this.link = connection.link();
        this.as = as;
        this.done = done;
    }

    /** Step one: nothing more goes out in the clear, and whatever has come in is seen. */
    void begin() {
        connection.clearTextDone();
        Channel channel = link.channel();
        if (connection.isTooLate(Era.TLS) || !channel.isActive()) {
            done.completeExceptionally(closeCause());
            return;
        }
        Future<?> tooLong = channel.eventLoop()
                .schedule(
                        () -> fail(new SSLException("what was sent before TLS does not get out")),
                        STEP_TIMEOUT_MILLIS,
                        TimeUnit.MILLISECONDS);
        ChannelFutureListener whenClosed = closed -> done.completeExceptionally(closeCause());
        channel.closeFuture().addListener(whenClosed);
        Runnable next = () -> {
            // Neither may refer to the lease for longer than it takes.
            tooLong.cancel(false);
            channel.closeFuture().removeListener(whenClosed);
            startHandshake();
        };
        link.leaveProtocol(next, next);
    }

    /** Step two. */
    private void startHandshake() {
        if (connection.isTooLate(Era.TLS) || done.isDone()) {
            done.completeExceptionally(closeCause());
            return;
        }
        String obstacle = link.obstacleToTls();
        if (obstacle != null) {
            link.notReusable();
            done.completeExceptionally(new SSLException(obstacle));
            return;
        }
        try {
            SslHandler handler = Objects.requireNonNull(
                    link.tlsSettings().handlerFor(as, link.channel().alloc()), "handler");
            handler.setHandshakeTimeoutMillis(STEP_TIMEOUT_MILLIS);
            link.beginTls(handler);
            handler.handshakeFuture().addListener(shaken -> handshakeDone(handler, shaken));
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void handshakeDone(SslHandler handler, Future<?> shaken) {
        if (!shaken.isSuccess()) {
            fail(handshakeFailure(shaken.cause()));
        } else if (connection.isTooLate(Era.TLS)) {
            done.completeExceptionally(closeCause());
        } else {
            tlsEstablished(handler);
        }
    }

    private void tlsEstablished(SslHandler handler) {
        try {
            link.tlsEstablished(as, handler);
        } catch (Throwable e) {
            fail(e);
            return;
        }
        connection.tlsEstablished();
        done.complete(null);
    }

    private void fail(Throwable why) {
        link.notReusable();
        link.recordCause(why);
        done.completeExceptionally(connection.lease().isEnded() ? LeasedConnection.leaseEnded() : why);
        // The handler is about to tell the peer what is wrong.
        link.runLater(link::close);
    }

    private Throwable handshakeFailure(@Nullable Throwable failure) {
        if (failure != null && !(failure instanceof ClosedChannelException)) {
            return failure;
        }
        Throwable lower = link.cause();
        return lower != null ? lower : new SSLException("the peer closed the connection during the handshake", failure);
    }

    private Throwable closeCause() {
        if (connection.lease().isEnded()) {
            return LeasedConnection.leaseEnded();
        }
        Throwable cause = link.cause();
        return cause != null ? cause : new ClosedChannelException();
    }
}
