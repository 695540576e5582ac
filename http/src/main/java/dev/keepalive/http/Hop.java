package dev.keepalive.http;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Phase;
import java.io.IOException;
import java.net.Proxy;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of a call, with as many attempts as it takes and as are safe: at most three on one way, the third on a
 * fresh connection; more if the server says that it has processed nothing. All in the order of the call's tasks, except {@link #abort}.
 */
final class Hop implements Attempt.Events {
    /** What a hop tells its call. */
    interface Events {
        void response(ResponseHead head);

        void data(ByteBuffer part);

        void completed();

        /** It has failed, and is not tried again. */
        void failed(Throwable cause);
    }

    private static final int MOST_ATTEMPTS = 3;

    /**
     * A server with HTTP/2 may end each connection after a few streams, and leave the others unprocessed. Those are sent
     * again more often: how often one of them is unlucky depends on how many there are.
     */
    private static final int MOST_UNPROCESSED = 1_000;

    private static final int MOST_REASONS = 16;
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final ClientCore client;
    private final SerialTasks tasks;
    private final Events events;
    private final ClientRequest request;
    private final BasicAuthentication.Credentials credentials;
    private final Deadline deadline;
    private final Deque<Proxy> ways;
    private final List<Throwable> retried = new ArrayList<>(0);

    private Destination destination;
    private int attempts;
    private int attemptsOnWay;
    private int unprocessed;
    private long published;
    private int status;
    private @Nullable PublishedBody body;
    private volatile @Nullable Attempt current;
    private volatile boolean aborted;

    /** @param ways the proxies to try, one after the other; not empty */
    Hop(
            ClientCore client,
            SerialTasks tasks,
            Events events,
            ClientRequest request,
            BasicAuthentication.@Nullable Credentials credentials,
            Deadline deadline,
            List<Proxy> ways) {
        this.client = client;
        this.tasks = tasks;
        this.events = events;
        this.request = request;
        this.deadline = deadline;
        this.ways = new ArrayDeque<>(ways);
        this.destination = client.destination(request, this.ways.remove());
        this.credentials = credentials == null ? client.authentication().known(request, destination) : credentials;
    }

    ClientRequest request() {
        return request;
    }

    Destination destination() {
        return destination;
    }

    BasicAuthentication.Credentials credentials() {
        return credentials;
    }

    /** Begins an attempt. */
    void start() throws IOException {
        HeaderFields fields = RequestHeaders.of(request, destination, client.cookies(), credentials);
        attempts++;
        attemptsOnWay++;
        AcquireRequest asked = destination.acquire();
        if (attemptsOnWay >= MOST_ATTEMPTS) {
            asked = asked.fresh();
        }
        if (deadline.isSet()) {
            asked = asked.withTimeout(deadline.remaining());
        }
        RequestHead head = new RequestHead(
                request.method(),
                destination.scheme(),
                destination.authority(),
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
        Attempt attempt = current;
        if (attempt != null) {
            attempt.discard();
        }
    }

    /** Ends it at once. From any thread. */
    void abort(boolean suspectsConnection) {
        aborted = true;
        Attempt attempt = current;
        if (attempt != null) {
            attempt.abort(suspectsConnection);
        }
    }

    /** What the exchange listener is told of it. */
    HttpExchangeReport report(@Nullable Throwable failure) {
        return new HttpExchangeReport(request, status, failure, attempts, retried);
    }

    // ---- what an attempt tells

    @Override
    public RequestBody begin() {
        BodyPublisher publisher = request.body();
        long length = publisher == null ? 0 : publisher.contentLength();
        if (publisher == null || length == 0) {
            return EmptyBody.of(request.method());
        }
        PublishedBody made = new PublishedBody(
                publisher, length < 0 ? RequestBody.UNKNOWN : length, published, client.executor());
        body = made;
        return made;
    }

    @Override
    public void notAcquired(AcquireException failure) {
        Proxy proxy = destination.proxy();
        boolean unreachable = failure instanceof AcquireException.DialFailed
                && failure.phase().compareTo(Phase.CONNECT) <= 0;
        if (proxy != null && unreachable) {
            client.proxies().failed(request.uri(), proxy, ConnectFailures.of(failure));
            Proxy next = ways.poll();
            if (next != null) {
                destination = client.destination(request, next);
                attemptsOnWay = 0;
                again(failure);
                return;
            }
        }
        fail(ConnectFailures.of(failure));
    }

    @Override
    public void response(int code, HeaderFields fields) {
        Attempt attempt = current;
        status = code;
        if (attempt != null) {
            events.response(new ResponseHead(code, fields.toHttpHeaders(), attempt.version(), attempt.tlsSession()));
        }
    }

    @Override
    public void data(ByteBuffer part) {
        events.data(part);
    }

    @Override
    public void completed() {
        events.completed();
    }

    @Override
    public void failed(Throwable cause, RetrySafety safety) {
        PublishedBody sent = body;
        published = Math.max(published, sent == null ? 0 : sent.bytes());
        body = null;
        if (status == 0 && mayBeSentAgain(safety) && !deadline.isOver()) {
            again(cause);
        } else {
            fail(cause);
        }
    }

    private boolean mayBeSentAgain(RetrySafety safety) {
        return switch (safety) {
            case UNPROCESSED -> {
                attemptsOnWay--;
                yield unprocessed++ < MOST_UNPROCESSED;
            }
            case IF_IDEMPOTENT -> attemptsOnWay < MOST_ATTEMPTS && IDEMPOTENT.contains(request.method());
            case NEVER -> false;
        };
    }

    private void again(Throwable cause) {
        if (retried.size() < MOST_REASONS) {
            retried.add(cause);
        }
        try {
            start();
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        for (Throwable before : retried) {
            if (before != cause) {
                cause.addSuppressed(before);
            }
        }
        events.failed(cause);
    }
}
