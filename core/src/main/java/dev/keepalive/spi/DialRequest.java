package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a dial is to open. Immutable. Later versions may add to it. */
public final class DialRequest {
    private final Endpoint endpoint;
    private final Duration timeout;
    private final @Nullable Executor eventLoop;

    private DialRequest(Endpoint endpoint, Duration timeout, @Nullable Executor eventLoop) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.eventLoop = eventLoop;
    }

    /**
     * A dial to this endpoint, on any event loop. Made by managers, and by tests of connectors.
     *
     * @param timeout how long the manager will wait before it stops the dial
     */
    public static DialRequest of(Endpoint endpoint, Duration timeout) {
        return new DialRequest(endpoint, timeout, null);
    }

    /** The same request for a connection on this event loop of the connector; null if any will do. */
    public DialRequest onEventLoop(@Nullable Executor eventLoop) {
        return new DialRequest(endpoint, timeout, eventLoop);
    }

    /** What the connection is to lead to, and as whom. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** How long the manager will wait before it stops the dial. */
    public Duration timeout() {
        return timeout;
    }

    /** The event loop of the connector where the connection is wanted; null if any will do. */
    public @Nullable Executor eventLoop() {
        return eventLoop;
    }

    @Override
    public String toString() {
        return "dial " + endpoint + " within " + timeout;
    }
}
