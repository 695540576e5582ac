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
    private static final long MOST_MILLIS = 10_000;

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
        connection.tlsBegins();
        Channel channel = link.channel();
        if (connection.isTooLate(Era.TLS) || !channel.isActive()) {
            done.completeExceptionally(whyClosed());
            return;
        }
        Future<?> tooLong = channel.eventLoop()
                .schedule(
                        () -> fail(new SSLException("what was sent before TLS does not get out")),
                        MOST_MILLIS,
                        TimeUnit.MILLISECONDS);
        ChannelFutureListener whenClosed = closed -> done.completeExceptionally(whyClosed());
        channel.closeFuture().addListener(whenClosed);
        Runnable next = () -> {
            // Neither may refer to the lease for longer than it takes.
            tooLong.cancel(false);
            channel.closeFuture().removeListener(whenClosed);
            shakeHands();
        };
        link.leaveProtocol(next, next);
    }

    /** Step two. */
    private void shakeHands() {
        if (connection.isTooLate(Era.TLS) || done.isDone()) {
            done.completeExceptionally(whyClosed());
            return;
        }
        String obstacle = link.obstacleToTls();
        if (obstacle != null) {
            link.noNextLease();
            done.completeExceptionally(new SSLException(obstacle));
            return;
        }
        try {
            SslHandler handler = Objects.requireNonNull(
                    link.schemes().handlerFor(as, link.channel().alloc()), "handler");
            handler.setHandshakeTimeoutMillis(MOST_MILLIS);
            link.beginTls(handler);
            handler.handshakeFuture().addListener(shaken -> shaken(handler, shaken));
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void shaken(SslHandler handler, Future<?> shaken) {
        if (!shaken.isSuccess()) {
            fail(why(shaken.cause()));
        } else if (connection.isTooLate(Era.TLS)) {
            done.completeExceptionally(whyClosed());
        } else {
            begun(handler);
        }
    }

    private void begun(SslHandler handler) {
        try {
            link.hasTlsFor(as, handler);
        } catch (Throwable e) {
            fail(e);
            return;
        }
        connection.mayBeStartedAnew();
        done.complete(null);
    }

    private void fail(Throwable why) {
        link.noNextLease();
        link.blame(why);
        done.completeExceptionally(connection.lease().isEnded() ? LeasedConnection.ended() : why);
        // The handler is about to tell the peer what is wrong.
        link.later(link::close);
    }

    private Throwable why(@Nullable Throwable failure) {
        if (failure != null && !(failure instanceof ClosedChannelException)) {
            return failure;
        }
        Throwable lower = link.cause();
        return lower != null ? lower : new SSLException("the peer closed the connection during the handshake", failure);
    }

    private Throwable whyClosed() {
        if (connection.lease().isEnded()) {
            return LeasedConnection.ended();
        }
        Throwable cause = link.cause();
        return cause != null ? cause : new ClosedChannelException();
    }
}
