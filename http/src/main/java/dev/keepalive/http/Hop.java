package dev.keepalive.http;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Phase;
import dev.keepalive.netty.ProxyException;
import java.io.IOException;
import java.net.Proxy;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of a call, with as many attempts as it takes and as are safe ({@link Retries}). All in the order of the
 * call's tasks, except {@link #abort}.
 */
final class Hop implements Attempt.Events {
    private record Way(Destination destination, BasicAuthentication.Credentials credentials) {}

    /** What a hop tells its call. */
    interface Events {
        void response(ResponseHead head);

        void data(ByteBuffer part);

        void completed();

        /** It has failed, and is not tried again. */
        void failed(Throwable cause);
    }

    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;

    private final ClientCore client;
    private final SerialTasks tasks;
    private final Events events;
    private final ClientRequest request;
    private final BasicAuthentication.@Nullable Credentials given;
    private final Deadline deadline;
    private final Deque<Proxy> ways;
    private final Retries retries = new Retries();

    private Way way;
    private boolean refusedTunnel;
    private long published;
    private int status;
    private @Nullable PublishedBody body;
    private volatile @Nullable Deadline responseDeadline;
    private volatile @Nullable Attempt current;
    private volatile boolean aborted;

    /**
     * @param given the credentials that the program was asked for; null for those that are known
     * @param ways the proxies to try, one after the other; not empty
     */
    Hop(
            ClientCore client,
            SerialTasks tasks,
            Events events,
            ClientRequest request,
            BasicAuthentication.@Nullable Credentials given,
            Deadline deadline,
            List<Proxy> ways) {
        this.client = client;
        this.tasks = tasks;
        this.events = events;
        this.request = request;
        this.deadline = deadline;
        this.ways = new ArrayDeque<>(ways);
        this.given = given;
        this.way = way(this.ways.remove());
    }

    /** Where the request goes by this proxy, with the credentials that are for it. */
    private Way way(Proxy proxy) {
        Destination to = client.destination(request, proxy, null);
        BasicAuthentication.Credentials sent =
                given == null ? client.authentication().known(request, to) : given;
        boolean byTunnel = to.isOfHttpProxy() && !to.wholeUri() && sent.proxy() != null;
        return new Way(byTunnel ? client.destination(request, proxy, sent.proxy()) : to, sent);
    }

    ClientRequest request() {
        return request;
    }

    Destination destination() {
        return way.destination;
    }

    /** The proxy that this exchange has taken, or none. */
    List<Proxy> way() {
        Proxy proxy = way.destination.proxy();
        return List.of(proxy == null ? Proxy.NO_PROXY : proxy);
    }

    BasicAuthentication.Credentials credentials() {
        return way.credentials;
    }

    /** Begins an attempt. */
    void start() throws IOException {
        Destination destination = way.destination;
        HeaderFields fields = RequestHeaders.of(request, destination, client.cookies(), way.credentials);
        retries.attempt();
        AcquireRequest asked = destination.acquire();
        if (retries.needsFresh()) {
            asked = asked.fresh();
        }
        if (deadline.isSet()) {
            asked = asked.withTimeout(deadline.remaining());
        }
        RequestHead head = new RequestHead(
                request.method(),
                destination.scheme(),
                request.host(destination),
                RequestEndpoints.target(request.uri(), destination),
                fields,
                request.expectContinue() && request.body() != null);
        Attempt attempt = new Attempt(tasks, this);
        current = attempt;
        if (aborted) {
            attempt.abort(false);
        }
        attempt.start(client.manager(), asked, head);
    }

    /** Whether it waits for a connection. */
    boolean isAcquiring() {
        Attempt attempt = current;
        return attempt == null || attempt.isAcquiring();
    }

    void consumed(int bytes) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.consumed(bytes);
        }
    }

    /** The rest of the response is not wanted. */
    void discard() {
        stopClock();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.discard();
        }
    }

    /** Ends it at once. From any thread. */
    void abort(boolean suspectsConnection) {
        aborted = true;
        stopClock();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.abort(suspectsConnection);
        }
    }

    /** What the exchange listener is told of it. */
    HttpExchangeReport report(@Nullable Throwable failure) {
        Attempt last = current;
        return new HttpExchangeReport(
                request, status, failure, retries.attempts(), retries.reasons(), last == null ? null : last.lease());
    }

    // ---- what an attempt tells

    @Override
    public RequestBody begin() {
        startClock();
        BodyPublisher publisher = request.body();
        long length = publisher == null ? 0 : publisher.contentLength();
        if (publisher == null || length == 0) {
            return EmptyBody.of(request.method());
        }
        PublishedBody made =
                new PublishedBody(publisher, length < 0 ? RequestBody.UNKNOWN : length, published, client.executor());
        body = made;
        return made;
    }

    private void startClock() {
        Duration most = client.responseTimeout();
        Attempt of = current;
        if (most != null && !aborted) {
            Deadline made = new Deadline(most);
            responseDeadline = made;
            made.onTime(() -> tasks.execute(() -> {
                if (current == of && responseDeadline == made && !aborted) {
                    abort(true);
                    fail(new HttpTimeoutException(
                            "the response was not complete after " + Texts.seconds(most) + " (responseTimeout)"));
                }
            }));
        }
    }

    private void stopClock() {
        Deadline known = responseDeadline;
        responseDeadline = null;
        if (known != null) {
            known.cancel();
        }
    }

    @Override
    public void notAcquired(AcquireException failure) {
        Proxy proxy = way.destination.proxy();
        boolean unreachable = failure instanceof AcquireException.DialFailed
                && failure.phase().compareTo(Phase.CONNECT) <= 0;
        if (proxy != null && unreachable) {
            client.proxies().failed(request.uri(), proxy, ConnectFailures.of(failure));
            Proxy next = ways.poll();
            if (next != null) {
                way = way(next);
                retries.otherWay(failure);
                again();
                return;
            }
        }
        ProxyException refusal = ConnectFailures.find(failure, ProxyException.class);
        // Not of a proxy that the program has set by a route: that is a part of the connection.
        if (proxy != null && refusal != null && refusal.status() == PROXY_AUTHENTICATION_REQUIRED) {
            refused(refusal);
        } else {
            fail(ConnectFailures.of(failure));
        }
    }

    /** Whether the response is that of a proxy, which asks for credentials of its own. */
    boolean isAnsweredByProxy() {
        return status == PROXY_AUTHENTICATION_REQUIRED && (refusedTunnel || way.destination.wholeUri());
    }

    /** A proxy demands credentials for a tunnel: its answer is the response, as with the JDK's client. */
    private void refused(ProxyException refusal) {
        refusedTunnel = true;
        HeaderFields fields = new HeaderFields();
        if (HeaderSyntax.isValue(refusal.authenticate())
                && !refusal.authenticate().isEmpty()) {
            fields.add("Proxy-Authenticate", refusal.authenticate());
        }
        response(refusal.status(), fields);
        events.completed();
    }

    @Override
    public void response(int code, HeaderFields fields) {
        Attempt attempt = current;
        status = code;
        if (attempt != null) {
            events.response(new ResponseHead(code, fields, attempt.version(), attempt.tlsSession()));
        }
    }

    @Override
    public void data(ByteBuffer part) {
        events.data(part);
    }

    @Override
    public void completed() {
        stopClock();
        events.completed();
    }

    @Override
    public void failed(Throwable cause, RetrySafety safety) {
        stopClock();
        PublishedBody sent = body;
        published = Math.max(published, sent == null ? 0 : sent.bytes());
        body = null;
        if (status != 0 || deadline.isOver() || !retries.mayFollow(cause, safety, request.method())) {
            if (!(cause instanceof IOException)) {
                // What the program's publisher has thrown stays as it is.
                events.failed(cause);
                return;
            }
            fail(
                    safety == RetrySafety.UNPROCESSED || !retries.reasons().isEmpty()
                            ? afterAttempts(cause, safety)
                            : cause);
        } else if (retries.pauseMillis() == 0) {
            again();
        } else {
            CompletableFuture.delayedExecutor(retries.pauseMillis(), TimeUnit.MILLISECONDS, tasks)
                    .execute(this::again);
        }
    }

    /** A failure of its own: the cause may be that of other exchanges on the same connection, too. */
    private IOException afterAttempts(Throwable cause, RetrySafety safety) {
        String what = safety == RetrySafety.UNPROCESSED ? "the server has not processed the request: " : "";
        return new IOException(what + cause.getMessage() + " (attempts: " + retries.attempts() + ")", cause);
    }

    private void again() {
        if (aborted) {
            return;
        }
        try {
            start();
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    /** @param cause of this exchange alone, if there were attempts before */
    private void fail(Throwable cause) {
        for (Throwable before : retries.reasons()) {
            if (before != cause) {
                cause.addSuppressed(before);
            }
        }
        events.failed(cause);
    }
}
