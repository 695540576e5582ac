package dev.keepalive.cli;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The seed's synopsis as a story: one connection is opened, leased three times, each time in another way, and expires.
 * Each step is told, and each promise checked by itself.
 */
final class Demo {
    /** What takes longer than this has gone wrong. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Story story;
    private final int maxOpenPerEndpoint;
    private final Duration idleTimeout;

    /** The story comes true with one connection per endpoint, and with no other number. */
    Demo(Story story, int maxOpenPerEndpoint, Duration idleTimeout) {
        this.story = story;
        this.maxOpenPerEndpoint = maxOpenPerEndpoint;
        this.idleTimeout = idleTimeout;
    }

    /** Tells the story; true if all of it was as it should be. */
    boolean tell() throws InterruptedException {
        Expiry expiry = new Expiry();
        try (LineServer server = LineServer.start();
                ConnectionManager<NettyConnection> connections = ConnectionManager.builder(NettyConnector.create())
                        .maxOpenPerEndpoint(maxOpenPerEndpoint)
                        .idleTimeout(idleTimeout)
                        .listener(expiry)
                        .build()) {
            Endpoint endpoint = Endpoint.of("line", "127.0.0.1", server.port());
            story.tell("A server listens at " + endpoint + ". At most " + maxOpenPerEndpoint
                    + " connection to it may be open, an idle one is kept for " + idleTimeout.toMillis() + " ms.");
            theFirstIsNew(connections, endpoint);
            Lease<NettyConnection> second = theSecondIsImmediate(connections, endpoint);
            theThirdIsDeferred(connections, endpoint, second);
            theIdleOneExpires(expiry, server);
        } catch (IOException | ExecutionException | TimeoutException | IllegalStateException e) {
            story.broken(e);
        }
        return story.end();
    }

    private void theFirstIsNew(ConnectionManager<NettyConnection> connections, Endpoint endpoint)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Lease<NettyConnection>> acquired = connections.acquire(endpoint);
        story.tell("First acquire: nothing is open. Connection is in progress.");
        Lease<NettyConnection> first = await(acquired);
        tellOrigin("First lease", LeaseOrigin.NEW, first);
        talk(first, "first");
        first.release();
        story.tell("First lease released: the connection is kept.");
    }

    private Lease<NettyConnection> theSecondIsImmediate(
            ConnectionManager<NettyConnection> connections, Endpoint endpoint)
            throws InterruptedException, ExecutionException, TimeoutException {
        Lease<NettyConnection> second = await(connections.acquire(endpoint));
        tellOrigin("Second lease", LeaseOrigin.IMMEDIATE, second);
        talk(second, "second");
        return second;
    }

    private void theThirdIsDeferred(
            ConnectionManager<NettyConnection> connections, Endpoint endpoint, Lease<NettyConnection> second)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Lease<NettyConnection>> acquired = connections.acquire(endpoint);
        story.tell("Third acquire, while the second lease holds the connection.");
        story.check("It is answered at once", false, acquired.isDone());
        second.release();
        story.tell("Second lease released: the connection goes to the one who waits.");
        Lease<NettyConnection> third = await(acquired);
        tellOrigin("Third lease", LeaseOrigin.DEFERRED, third);
        talk(third, "third");
        third.release();
        story.tell("Third lease released: nobody wants the connection any more.");
    }

    private void theIdleOneExpires(Expiry expiry, LineServer server)
            throws InterruptedException, ExecutionException, TimeoutException {
        story.check("The connection was closed for", CloseReason.IDLE_TIMEOUT, await(expiry.reason));
        story.check("Leases that it had", 3, await(expiry.uses));
        story.check("The server saw its end", true, server.awaitEnd(PATIENCE));
        story.check("Connections that the server ever accepted", 1, server.accepted());
    }

    private void tellOrigin(String which, LeaseOrigin expected, Lease<NettyConnection> lease) {
        story.check(which + " (" + lease.timings() + "), origin", expected, lease.origin());
    }

    /** Sends a line over the leased connection, and waits for the line that answers it. */
    private void talk(Lease<NettyConnection> lease, String line)
            throws InterruptedException, ExecutionException, TimeoutException {
        Answer answer = new Answer();
        FrameStream<String> lines = lease.connection().start(answer);
        lines.send(line);
        story.check("Sent \"" + line + "\", received", "hello " + line, await(answer.line));
    }

    private static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Keeps the first line that the server sends. */
    private static final class Answer implements FrameListener<String> {
        final CompletableFuture<String> line = new CompletableFuture<>();

        @Override
        public void input(String frame) {
            line.complete(frame);
        }

        @Override
        public void ended(@Nullable Throwable error) {
            line.completeExceptionally(error != null ? error : new IOException("the server ended the connection"));
        }
    }

    /** Hears how the first connection ends. */
    private static final class Expiry implements ConnectionListener {
        final CompletableFuture<CloseReason> reason = new CompletableFuture<>();
        final CompletableFuture<Integer> uses = new CompletableFuture<>();

        @Override
        public void closed(Endpoint endpoint, CloseReason why, int leases, @Nullable Throwable cause) {
            reason.complete(why);
            uses.complete(leases);
        }
    }
}
