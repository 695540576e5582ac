package dev.keepalive;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one acquire asks for: an endpoint and, if wanted, a timeout of its own, a label for messages, and a context that comes back
 * with the answer. Echoed by the lease and by the failure. Immutable; the context is the caller's own.
 */
public final class AcquireRequest {
    private final Endpoint endpoint;
    private final @Nullable Duration timeout;
    private final @Nullable String label;
    private final @Nullable Object context;

    private AcquireRequest(
            Endpoint endpoint, @Nullable Duration timeout, @Nullable String label, @Nullable Object context) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.timeout = timeout;
        this.label = label;
        this.context = context;
    }

    /** The request that has nothing but the endpoint. */
    static AcquireRequest plain(Endpoint endpoint) {
        return new AcquireRequest(endpoint, null, null, null);
    }

    /** True if it is the endpoint's plain request. */
    boolean isPlain() {
        return this == endpoint.plainRequest();
    }

    /** A request for a connection to this endpoint, with the manager's timeout, no label and no context. */
    public static AcquireRequest to(Endpoint endpoint) {
        return Objects.requireNonNull(endpoint, "endpoint").plainRequest();
    }

    /**
     * The same request with its own timeout, from the call until the lease: waiting, lookup, connecting and TLS included.
     *
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public AcquireRequest withTimeout(Duration timeout) {
        return new AcquireRequest(endpoint, Options.positive("timeout", timeout), label, context);
    }

    /** The same request with a label, which appears in messages and reports. */
    public AcquireRequest withLabel(String label) {
        return new AcquireRequest(endpoint, timeout, Objects.requireNonNull(label, "label"), context);
    }

    /** The same request with any object that is to come back with the answer. */
    public AcquireRequest withContext(Object context) {
        return new AcquireRequest(endpoint, timeout, label, Objects.requireNonNull(context, "context"));
    }

    /** The endpoint asked for. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The request's own timeout, or null for the manager's. */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /** The label, or null. */
    public @Nullable String label() {
        return label;
    }

    /** The context, or null. */
    public @Nullable Object context() {
        return context;
    }

    /** The endpoint, followed by the label in parentheses if there is one. */
    @Override
    public String toString() {
        return label == null ? endpoint.toString() : endpoint + " (" + label + ")";
    }
}
