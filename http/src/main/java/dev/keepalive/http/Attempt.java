package dev.keepalive.http;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to send a request: it acquires a connection, and has one exchange on it. It passes on what happens, in
 * the order of the call's tasks. After {@link #abort} nothing is passed on.
 */
final class Attempt implements ExchangeEvents {
    /** What is told, in the order of the call's tasks. */
    interface Events {
        /** There is a connection: what is sent over it. */
        RequestBody begin();

        void notAcquired(AcquireException failure);

        void response(int status, HeaderFields fields);

        void data(ByteBuffer part);

        void completed();

        void failed(Throwable cause, RetrySafety safety);
    }

    private final SerialTasks tasks;
    private final Events events;
    private volatile @Nullable Future<?> acquire;
    private volatile @Nullable HttpExchangeControl control;
    private volatile boolean aborted;
    private volatile boolean suspects;

    // In the order of the call's tasks.
    private @Nullable HttpConnection connection;
    private @Nullable Lease<HttpConnection> lease;

    Attempt(SerialTasks tasks, Events events) {
        this.tasks = tasks;
        this.events = events;
    }

    /** Begins. In the order of the call's tasks. */
    void start(ConnectionManager<HttpConnection> manager, AcquireRequest request, RequestHead head) {
        Lease<HttpConnection> idle = request.isFresh() ? null : manager.tryAcquire(request);
        if (idle != null) {
            leased(idle, head);
            return;
        }
        Future<?> asked = manager.acquire(request, tasks, granted -> leased(granted, head), this::notAcquired);
        acquire = asked;
        if (aborted) {
            asked.cancel(false);
        }
    }

    private void leased(Lease<HttpConnection> granted, RequestHead head) {
        lease = granted;
        if (aborted) {
            granted.release();
            return;
        }
        RequestBody body;
        try {
            body = events.begin();
        } catch (Throwable e) {
            granted.release();
            tell(() -> events.failed(e, RetrySafety.NEVER));
            return;
        }
        try {
            HttpConnection leased = granted.connection();
            connection = leased;
            control = leased.exchange(head, body, this);
        } catch (Throwable e) {
            granted.invalidate(e);
            body.cancel();
            // The lease may have ended before, since the client is closed.
            boolean ended = e instanceof IllegalStateException;
            tell(() -> events.failed(e, ended ? RetrySafety.UNPROCESSED : RetrySafety.NEVER));
            return;
        }
        if (aborted) {
            end();
        }
    }

    private void notAcquired(AcquireException failure) {
        if (!aborted) {
            events.notAcquired(failure);
        }
    }

    /** Whether it still waits for a connection. In the order of the call's tasks. */
    boolean isAcquiring() {
        return connection == null;
    }

    /** The lease of its connection, which may have ended; null if there was none. In the order of the call's tasks. */
    @Nullable
    Lease<HttpConnection> lease() {
        return lease;
    }

    /** The version of the connection's protocol. */
    HttpClient.Version version() {
        HttpConnection known = connection;
        return known == null ? HttpClient.Version.HTTP_1_1 : known.version();
    }

    @Nullable
    SSLSession tlsSession() {
        HttpConnection known = connection;
        return known == null ? null : known.tlsSession();
    }

    /** So many bytes of the response have been taken. */
    void consumed(int bytes) {
        HttpExchangeControl known = control;
        if (known != null) {
            known.consumed(bytes);
        }
    }

    /** The rest of the response is not wanted. */
    void discard() {
        aborted = true;
        HttpExchangeControl known = control;
        if (known != null) {
            known.discard();
        }
    }

    /** Ends it, from any thread, in whatever state it is. */
    void abort(boolean suspectsConnection) {
        suspects = suspectsConnection;
        aborted = true;
        Future<?> asked = acquire;
        if (asked != null) {
            asked.cancel(false);
        }
        end();
    }

    private void end() {
        HttpExchangeControl known = control;
        if (known != null) {
            known.cancel(suspects);
        }
    }

    // ---- on the event loop

    private void tell(Runnable event) {
        tasks.execute(() -> {
            if (!aborted) {
                event.run();
            }
        });
    }

    @Override
    public void informational(int status, HeaderFields fields) {
        // The API has no place for it.
    }

    @Override
    public void response(int status, HeaderFields fields) {
        tell(() -> events.response(status, fields));
    }

    @Override
    public void data(ByteBuffer part) {
        tell(() -> events.data(part));
    }

    @Override
    public void completed() {
        tell(events::completed);
    }

    @Override
    public void failed(Throwable cause, RetrySafety safety) {
        tell(() -> events.failed(cause, safety));
    }
}
