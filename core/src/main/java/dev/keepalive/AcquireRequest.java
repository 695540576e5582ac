package dev.keepalive;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one acquire asks for: an endpoint and, if wanted, a timeout of its own, a label for messages, and a context that
 * comes back with the answer. Echoed by the lease and by the failure. Immutable; the context is the caller's own, and
 * is left out when a request is serialised.
 */
public final class AcquireRequest implements Serializable {
    private static final long serialVersionUID = 1;

    private final Endpoint endpoint;

    /** What there is besides: null if nothing. Every endpoint that is used has a plain request, so it is small. */
    private final transient @Nullable Details details;

    private AcquireRequest(Endpoint endpoint, @Nullable Details details) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.details = details;
    }

    private record Details(@Nullable Duration timeout, @Nullable String label, @Nullable Object context) {
        static final Details NONE = new Details(null, null, null);
    }

    private Details details() {
        return details == null ? Details.NONE : details;
    }

    /** The request that has nothing but the endpoint. */
    static AcquireRequest plain(Endpoint endpoint) {
        return new AcquireRequest(endpoint, null);
    }

    /** A request for a connection to this endpoint, with the manager's timeout, no label and no context. */
    public static AcquireRequest to(Endpoint endpoint) {
        return Objects.requireNonNull(endpoint, "endpoint").plainRequest();
    }

    /**
     * The same request with its own timeout, from the call until the lease: waiting, lookup, connecting and TLS
     * included.
     *
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public AcquireRequest withTimeout(Duration timeout) {
        return new AcquireRequest(endpoint, new Details(OptionChecks.positive("timeout", timeout), label(), context()));
    }

    /** The same request with a label, which appears in messages and reports. */
    public AcquireRequest withLabel(String label) {
        return new AcquireRequest(endpoint, new Details(timeout(), Objects.requireNonNull(label, "label"), context()));
    }

    /** The same request with any object that is to come back with the answer. */
    public AcquireRequest withContext(Object context) {
        return new AcquireRequest(
                endpoint, new Details(timeout(), label(), Objects.requireNonNull(context, "context")));
    }

    /** The endpoint asked for. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The request's own timeout, or null for the manager's. */
    public @Nullable Duration timeout() {
        return details().timeout();
    }

    /** The label, or null. */
    public @Nullable String label() {
        return details().label();
    }

    /** The context, or null. */
    public @Nullable Object context() {
        return details().context();
    }

    private Object writeReplace() {
        return new Stored(endpoint, timeout(), label());
    }

    /** A request as it is serialised. */
    private record Stored(Endpoint endpoint, @Nullable Duration timeout, @Nullable String label)
            implements Serializable {
        private static final long serialVersionUID = 1;

        private Object readResolve() {
            return timeout == null && label == null
                    ? to(endpoint)
                    : new AcquireRequest(endpoint, new Details(timeout, label, null));
        }
    }

    /** The endpoint, followed by the label in parentheses if there is one. */
    @Override
    public String toString() {
        String label = label();
        return label == null ? endpoint.toString() : endpoint + " (" + label + ")";
    }
}
