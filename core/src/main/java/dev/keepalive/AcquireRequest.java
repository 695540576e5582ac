package dev.keepalive;

import dev.keepalive.spi.VisibleText;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one acquire asks for: an endpoint and, optionally, its own timeout, a label for messages, a context, that the
 * connection is {@linkplain #fresh() fresh}, and what happens {@linkplain #withRetryDials when dials fail}. The lease
 * and the failure give the request back. Immutable. The context is any object of the caller; it is left out when a
 * request is serialised.
 */
public final class AcquireRequest implements Serializable {
    private static final long serialVersionUID = 1;

    private final Endpoint endpoint;

    /**
     * The optional parts; null if there are none. Every endpoint in use keeps a plain request, so this class is kept
     * small.
     */
    private final transient @Nullable Details details;

    private AcquireRequest(Endpoint endpoint, @Nullable Details details) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.details = details;
    }

    private record Details(
            @Nullable Duration timeout,
            @Nullable String label,
            @Nullable Object context,
            boolean fresh,
            @Nullable Boolean retryDials) {
        static final Details NONE = new Details(null, null, null, false, null);
    }

    private Details details() {
        return details == null ? Details.NONE : details;
    }

    /** The request for this endpoint without optional parts. */
    static AcquireRequest plain(Endpoint endpoint) {
        return new AcquireRequest(endpoint, null);
    }

    /** A request for a connection to this endpoint, with the manager's timeout, no label and no context. */
    public static AcquireRequest to(Endpoint endpoint) {
        return Objects.requireNonNull(endpoint, "endpoint").plainRequest();
    }

    /**
     * The same request with its own timeout. The time counts from the call until the lease: waiting, lookup, connecting
     * and TLS are included.
     *
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public AcquireRequest withTimeout(Duration timeout) {
        Duration checked = OptionChecks.positive("timeout", timeout);
        return with(new Details(checked, label(), context(), isFresh(), retryDials()));
    }

    /** The same request with a label, which appears in messages and reports. */
    public AcquireRequest withLabel(String label) {
        Objects.requireNonNull(label, "label");
        return with(new Details(timeout(), label, context(), isFresh(), retryDials()));
    }

    /** The same request with a context: any object, which the lease and the failure give back. */
    public AcquireRequest withContext(Object context) {
        Objects.requireNonNull(context, "context");
        return with(new Details(timeout(), label(), context, isFresh(), retryDials()));
    }

    /**
     * The same request for a fresh connection: one that is dialed, and that was never used before. It is for the retry
     * of a request that a reused connection lost. An idle connection is never fresh, even if nobody has used it yet.
     *
     * <p>The acquire waits in the line of its endpoint, and a new connection serves the oldest waiter. A connection
     * that is released passes it by, and serves the next waiter that takes any. If a limit leaves no room to dial, one
     * idle connection is closed for it; if none is idle, one that is released, once this acquire is the oldest of its
     * endpoint. So it costs a dial and perhaps a connection: ask for it only where a reused one will not do. A
     * {@code tryAcquire} of such a request never gets one.
     *
     * <p>A connection that takes several leases at a time is fresh for those acquires that it serves when its dial
     * succeeds: the oldest of its endpoint, as many as it takes. Then {@link Lease#origin} is {@code NEW}, but
     * {@link Lease#uses} may be more than 1.
     */
    public AcquireRequest fresh() {
        return with(new Details(timeout(), label(), context(), true, retryDials()));
    }

    /**
     * The same request, with what happens to it when dials fail, instead of {@link ManagerBuilder#retryDials}. With
     * true the acquire goes on waiting until its timeout, and the endpoint is dialed again, after the pause of
     * {@link ManagerBuilder#dialBackOff}. So an outage that is shorter than the timeout only delays it. With false it
     * fails with the dial that was begun for it, and at once while the endpoint is paused.
     */
    public AcquireRequest withRetryDials(boolean retryDials) {
        return with(new Details(timeout(), label(), context(), isFresh(), retryDials));
    }

    private AcquireRequest with(Details changed) {
        return new AcquireRequest(endpoint, changed);
    }

    /** The endpoint that the connection is to lead to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The request's own timeout; null if the manager's timeout holds. */
    public @Nullable Duration timeout() {
        return details().timeout();
    }

    /** The label; null if there is none. */
    public @Nullable String label() {
        return details().label();
    }

    /** The context; null if there is none. */
    public @Nullable Object context() {
        return details().context();
    }

    /** True if only a connection will do that was never used before: see {@link #fresh}. */
    public boolean isFresh() {
        return details != null && details.fresh();
    }

    /** Whether it goes on waiting when dials fail; null if the manager's option holds: see {@link #withRetryDials}. */
    public @Nullable Boolean retryDials() {
        return details == null ? null : details.retryDials();
    }

    private Object writeReplace() {
        return new Stored(endpoint, timeout(), label(), isFresh(), retryDials());
    }

    /** The serialised form of a request. */
    private record Stored(
            Endpoint endpoint,
            @Nullable Duration timeout,
            @Nullable String label,
            boolean fresh,
            @Nullable Boolean retryDials)
            implements Serializable {
        private static final long serialVersionUID = 1;

        private Object readResolve() {
            return timeout == null && label == null && !fresh && retryDials == null
                    ? to(endpoint)
                    : new AcquireRequest(endpoint, new Details(timeout, label, null, fresh, retryDials));
        }
    }

    /** The endpoint, followed by the label in parentheses if there is one, with control characters made visible. */
    @Override
    public String toString() {
        String label = label();
        return label == null ? endpoint.toString() : endpoint + " (" + VisibleText.of(label) + ")";
    }
}
