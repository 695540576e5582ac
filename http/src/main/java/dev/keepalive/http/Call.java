package dev.keepalive.http;

import java.io.IOException;
import java.net.Proxy;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code send} or {@code sendAsync}, from the request to the end of the last response's body: the hops of
 * redirects and authentication. All that happens is a task, one after the other; other threads only add tasks.
 */
final class Call<T> implements Hop.Events {
    private final ClientCore client;
    private final BodyHandler<T> handler;
    private final SerialTasks tasks;
    private final @Nullable CallerThread caller;
    private final CallFuture.Handle handle = new CallFuture.Handle();
    private final CallFuture<HttpResponse<T>> future = new CallFuture<>(handle);
    private final Deadline deadline;

    private volatile @Nullable Hop hop;
    private volatile boolean cancelled;
    private volatile boolean cancelledByFuture;

    // In the order of the tasks.
    private @Nullable ClientResponse<T> previous;
    private @Nullable NextHop next;
    private @Nullable ResponseReader<T> reader;
    private int redirects;
    private int drained;
    /** Whether the future is complete, or about to be. */
    private boolean answered;
    /** Whether the present exchange has ended, so that none is under way. */
    private boolean idle = true;

    private boolean over;

    /** What follows a response that is not for the program. With credentials, it goes the same way as the request. */
    private record NextHop(ClientRequest request, BasicAuthentication.@Nullable Credentials credentials) {}

    /** @param caller the thread that waits for the result and runs the tasks until then; null if none does */
    Call(ClientCore client, ClientRequest request, BodyHandler<T> handler, @Nullable CallerThread caller) {
        this.client = client;
        this.handler = handler;
        this.caller = caller;
        this.deadline = new Deadline(request.timeout().orElse(null));
        Executor executor = caller == null ? client.executor() : caller;
        this.tasks = new SerialTasks(executor, this::deliver, this::fail);
        handle.set(this::cancelByFuture);
    }

    CompletableFuture<HttpResponse<T>> future() {
        return future;
    }

    /** Begins on this thread. */
    void begin(ClientRequest request) {
        tasks.runHere(() -> {
            deadline.onTime(() -> tasks.execute(this::timedOut));
            startHop(new NextHop(request, null));
        });
    }

    /** Fails without having begun. */
    void refuse(Throwable cause) {
        over = true;
        handle.set(null);
        future.completeExceptionally(cause);
        releaseCaller();
    }

    /** Ends the call, since its future, or one that depends on it, is cancelled. From any thread. */
    private void cancelByFuture() {
        cancelledByFuture = true;
        cancel();
    }

    /** Ends the call. From any thread; does nothing if it is over. */
    void cancel() {
        cancelled = true;
        Hop present = hop;
        if (present != null) {
            present.abort(false);
        }
        tasks.execute(() -> {
            if (!over) {
                fail(new IOException("Request cancelled"));
            }
        });
    }

    private void timedOut() {
        Hop present = hop;
        boolean waits = reader == null && !answered;
        // While a connection is acquired, that fails by itself, and tells what it waited for.
        if (waits && (present == null || next != null || !present.isAcquiring())) {
            if (present != null) {
                present.abort(true);
            }
            fail(new HttpTimeoutException("request timed out: no response within " + deadline.timeout()));
        }
    }

    // ---- hops

    private void startHop(NextHop to) {
        drained = 0;
        try {
            List<Proxy> ways = to.credentials == null ? client.proxies().ways(to.request.uri()) : hop().way();
            Hop started = new Hop(client, tasks, this, to.request, to.credentials, deadline, ways);
            hop = started;
            idle = false;
            if (cancelled) {
                started.abort(false);
            }
            started.start();
        } catch (IOException | RuntimeException e) {
            endHop(e);
            boolean redirected = redirects > 0 && e instanceof IllegalArgumentException;
            fail(redirected ? new IOException("Invalid redirection: " + e.getMessage(), e) : e);
        }
    }

    private Hop hop() {
        return Objects.requireNonNull(hop, "hop");
    }

    /** The exchange of this hop has ended. */
    private void endHop(@Nullable Throwable failure) {
        Hop ended = hop;
        if (!idle && ended != null) {
            idle = true;
            client.tellListener(ended, failure);
        }
    }

    @Override
    public void response(ResponseHead head) {
        try {
            Hop present = hop();
            client.storeCookies(present.request().uri(), head);
            next = next(present, head);
            if (next == null) {
                deadline.cancel();
                reader = ResponseReader.of(handler, head, new ReaderEvents(present, head));
            } else {
                previous = ClientResponse.withoutBody(present.request(), head, previous);
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    private @Nullable NextHop next(Hop present, ResponseHead head) throws IOException {
        ClientRequest request = present.request();
        int status = head.statusCode();
        BasicAuthentication authentication = client.authentication();
        BasicAuthentication.Credentials sent = present.credentials();
        boolean byProxy = present.isAnsweredByProxy();
        authentication.accepted(request, present.destination(), sent, status, byProxy);
        BasicAuthentication.Credentials other =
                authentication.answer(request, present.destination(), sent, head, byProxy);
        if (other != null) {
            return new NextHop(request, other);
        }
        if (redirects >= client.maxRedirects()) {
            return null;
        }
        ClientRequest redirected = client.redirects().next(request, head);
        if (redirected == null) {
            return null;
        }
        redirects++;
        return new NextHop(redirected, null);
    }

    @Override
    public void data(ByteBuffer part) {
        ResponseReader<T> present = reader;
        if (present != null) {
            present.add(part);
        } else if (next != null) {
            int size = part.remaining();
            drained += size;
            if (drained > client.maxDrain()) {
                hop().discard();
                follow();
            } else {
                hop().consumed(size);
            }
        }
    }

    @Override
    public void completed() {
        ResponseReader<T> present = reader;
        if (present != null) {
            endHop(null);
            present.complete();
        } else {
            follow();
        }
    }

    /** Goes on to the next hop, once this response is out of the way. */
    private void follow() {
        NextHop to = next;
        if (to != null) {
            next = null;
            endHop(null);
            startHop(to);
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (next != null) {
            // What is missing is the rest of a response that nobody reads.
            follow();
            return;
        }
        endHop(cause);
        ResponseReader<T> present = reader;
        if (present == null) {
            fail(cause);
        } else {
            present.cutOff(cause);
        }
    }

    // ---- the end

    /** After each batch of tasks. */
    private void deliver() {
        ResponseReader<T> present = reader;
        if (present != null) {
            present.deliver();
        }
        if (!over && answered && idle && (present == null || present.isOver())) {
            over = true;
            deadline.cancel();
            handle.set(null);
            client.ended(this);
        }
    }

    /** Ends the exchange that is under way, if there is one. */
    private void abortHop(Throwable cause) {
        if (!idle) {
            hop().abort(false);
            endHop(cause);
        }
    }

    /** The call fails, whatever it is at. */
    private void fail(Throwable cause) {
        next = null;
        abortHop(cause);
        ResponseReader<T> present = reader;
        if (present != null) {
            present.abort(cause);
        }
        answer(null, cause);
    }

    private void answer(@Nullable HttpResponse<T> response, @Nullable Throwable failure) {
        if (answered) {
            return;
        }
        answered = true;
        deadline.cancel();
        Runnable completion = () -> {
            if (failure == null) {
                future.complete(response);
            } else {
                future.completeExceptionally(cancelledByFuture ? cancellation(failure) : failure);
            }
            releaseCaller();
        };
        // Never within the tasks: what depends on the future may block, for example to read the body.
        tasks.afterwards(idle ? completion : () -> client.complete(completion, caller != null));
    }

    /** As of a future that depends on a cancelled one: this one itself has not been cancelled. */
    private static CompletionException cancellation(Throwable cause) {
        CancellationException cancellation = new CancellationException("Request cancelled");
        cancellation.initCause(cause);
        return new CompletionException(cancellation);
    }

    private void releaseCaller() {
        if (caller != null) {
            caller.close();
        }
    }

    /** What the reader of the final response tells. */
    private final class ReaderEvents implements ResponseReader.Events<T> {
        private final Hop of;
        private final ResponseHead head;

        ReaderEvents(Hop of, ResponseHead head) {
            this.of = of;
            this.head = head;
        }

        @Override
        public SerialTasks tasks() {
            return tasks;
        }

        @Override
        public void consumed(int bytes) {
            of.consumed(bytes);
        }

        @Override
        public void unwanted() {
            of.discard();
            endHop(null);
        }

        @Override
        public void subscriberFailed(Throwable failure) {
            abortHop(failure);
        }

        @Override
        public void mayBlock() {
            releaseCaller();
        }

        @Override
        public void body(T body) {
            answer(new ClientResponse<>(of.request(), head, previous, body), null);
        }

        @Override
        public void failed(Throwable failure) {
            fail(failure);
        }
    }
}
