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
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Changes one connection from a protocol in the clear to TLS, within one lease (STARTTLS). Bytes that arrive before the
 * handshake may come from an attacker on the network, and would be taken for input that came over TLS (CVE-2011-0411).
 * So TLS begins only if there is no such input. Event loop only.
 */
final class StartTls {
    /**
     * The timeout of each of the two steps: writing what was sent in the clear, while the TLS settings are read; and
     * the handshake.
     */
    static final long STEP_TIMEOUT_MILLIS = 10_000;

    private final LeasedConnection connection;
    private final NettyLink link;
    private final Endpoint as;
    private final CompletableFuture<Void> prepared;
    private final CompletableFuture<Void> done;
    private final long stepTimeoutMillis;

    /**
     * @param as the endpoint that the handshake is made with
     * @param prepared completes when the TLS settings have been read
     * @param done completes when TLS is in place, or with the reason why it is not
     */
    StartTls(
            LeasedConnection connection,
            Endpoint as,
            CompletableFuture<Void> prepared,
            CompletableFuture<Void> done,
            long stepTimeoutMillis) {
        this.connection = connection;
        this.link = connection.link();
        this.as = as;
        this.prepared = prepared;
        this.done = done;
        this.stepTimeoutMillis = stepTimeoutMillis;
    }

    /**
     * Step one: ends the protocol in the clear. Everything that was sent is written, and everything that has arrived is
     * read.
     */
    void begin() {
        connection.clearTextDone();
        Channel channel = link.channel();
        if (connection.isTooLate(Era.TLS) || !channel.isActive()) {
            done.completeExceptionally(closeCause());
            return;
        }
        Future<?> tooLong =
                channel.eventLoop().schedule(() -> fail(tooLate()), stepTimeoutMillis, TimeUnit.MILLISECONDS);
        ChannelFutureListener whenClosed = future -> done.completeExceptionally(closeCause());
        channel.closeFuture().addListener(whenClosed);
        Runnable next = () -> {
            // Neither the timer nor the close future may refer to the lease for longer than this step takes.
            tooLong.cancel(false);
            channel.closeFuture().removeListener(whenClosed);
            startHandshake();
        };
        link.leaveProtocol(() -> whenPrepared(next), next);
    }

    private void whenPrepared(Runnable next) {
        if (prepared.isDone()) {
            next.run();
            return;
        }
        prepared.whenComplete((nothing, failure) -> {
            try {
                link.runOnLoop(next);
            } catch (RejectedExecutionException e) {
                done.completeExceptionally(closeCause());
            }
        });
    }

    private SSLException tooLate() {
        return new SSLException(
                link.writes().isDone() && !prepared.isDone()
                        ? "the JDK's TLS settings could not be read in time"
                        : "what was sent before TLS could not be written in time");
    }

    /** Step two: checks that TLS may begin, and starts the handshake. */
    private void startHandshake() {
        if (connection.isTooLate(Era.TLS) || done.isDone()) {
            done.completeExceptionally(closeCause());
            return;
        }
        String obstacle = link.obstacleToTls();
        if (obstacle != null) {
            link.markNotReusable();
            done.completeExceptionally(new SSLException(obstacle));
            if (link.streamEnd().hasEnded()) {
                link.runLater(link::close);
            }
            return;
        }
        try {
            prepared.join();
            SslHandler handler = Objects.requireNonNull(
                    link.tlsSettings().handlerFor(as, link.endpoint(), link.channel()), "handler");
            handler.setHandshakeTimeoutMillis(stepTimeoutMillis);
            link.beginTls(handler);
            handler.handshakeFuture().addListener(handshake -> handshakeDone(handler, handshake));
        } catch (CompletionException e) {
            fail(new IllegalStateException("there are no TLS settings: " + e.getCause(), e.getCause()));
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void handshakeDone(SslHandler handler, Future<?> handshake) {
        if (!handshake.isSuccess()) {
            fail(handshakeFailure(handshake.cause()));
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

    private void fail(Throwable failure) {
        link.markNotReusable();
        link.streamEnd().recordCause(failure);
        done.completeExceptionally(connection.lease().isEnded() ? LeasedConnection.leaseEnded() : failure);
        // Closes in a later task: the TLS handler is about to send an alert to the peer.
        link.runLater(link::close);
    }

    private Throwable handshakeFailure(@Nullable Throwable failure) {
        if (failure != null && !(failure instanceof ClosedChannelException)) {
            return failure;
        }
        Throwable lower = link.streamEnd().cause();
        return lower != null ? lower : new SSLException("the peer closed the connection during the handshake", failure);
    }

    private Throwable closeCause() {
        return connection.lease().isEnded()
                ? LeasedConnection.leaseEnded()
                : link.streamEnd().closeCause();
    }
}
