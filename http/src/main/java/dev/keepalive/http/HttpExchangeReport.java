package dev.keepalive.http;

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

    HttpExchangeReport(
            HttpRequest request, int status, @Nullable Throwable failure, int attempts, List<Throwable> retryReasons) {
        this.request = request;
        this.status = status;
        this.failure = failure;
        this.attempts = attempts;
        this.retryReasons = List.copyOf(retryReasons);
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
