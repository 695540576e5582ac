package dev.keepalive.http;

import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.net.http.HttpRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one exchange: one request and its response. A call that follows a redirect or asks for credentials has
 * several. Immutable.
 */
public final class HttpExchangeReport {
    private final HttpRequest request;
    private final int status;
    private final @Nullable Throwable failure;
    private final int attempts;
    private final List<Throwable> retryReasons;
    private final @Nullable Lease<?> lease;

    HttpExchangeReport(
            HttpRequest request,
            int status,
            @Nullable Throwable failure,
            int attempts,
            List<Throwable> retryReasons,
            @Nullable Lease<?> lease) {
        this.request = request;
        this.status = status;
        this.failure = failure;
        this.attempts = attempts;
        this.retryReasons = List.copyOf(retryReasons);
        this.lease = lease;
    }

    /** The request of this exchange. */
    public HttpRequest request() {
        return request;
    }

    /** The status of the response; 0 if there was none. */
    public int status() {
        return status;
    }

    /** Why the exchange failed, or was ended before its end; null if it is complete. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** How often the request was sent, or was tried to be sent; 1 if nothing went wrong. */
    public int attempts() {
        return attempts;
    }

    /** Why each attempt but the last failed, in their order; the first 16 of them. */
    public List<Throwable> retryReasons() {
        return retryReasons;
    }

    /** Where the connection of the last attempt came from; null if there was none. */
    public @Nullable LeaseOrigin origin() {
        return lease == null ? null : lease.origin();
    }

    /**
     * How long the last attempt waited for its connection, and, if it was opened for it, how long each step of that
     * took; null if there was none.
     */
    public @Nullable Timings timings() {
        return lease == null ? null : lease.timings();
    }

    /** Method and URI without its query, and what came of it. */
    @Override
    public String toString() {
        String uri = request.uri().toString();
        int query = uri.indexOf('?');
        return request.method() + ' ' + (query < 0 ? uri : uri.substring(0, query)) + ": "
                + (status == 0 ? "no response" : "status " + status) + (failure == null ? "" : ", " + failure)
                + (attempts == 1 ? "" : ", " + attempts + " attempts");
    }
}
