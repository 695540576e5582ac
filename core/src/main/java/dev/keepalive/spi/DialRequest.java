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
     * A request for a dial to this endpoint, on any event loop. Managers make it, and so may tests of connectors.
     *
     * @param timeout how long the manager waits before it stops the dial
     */
    public static DialRequest of(Endpoint endpoint, Duration timeout) {
        return new DialRequest(endpoint, timeout, null);
    }

    /** The same request for a connection on this event loop of the connector; null if it does not matter. */
    public DialRequest onEventLoop(@Nullable Executor eventLoop) {
        return new DialRequest(endpoint, timeout, eventLoop);
    }

    /** The endpoint that the connection is to lead to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** How long the manager waits before it stops the dial. */
    public Duration timeout() {
        return timeout;
    }

    /** The event loop of the connector on which the connection is wanted; null if it does not matter. */
    public @Nullable Executor eventLoop() {
        return eventLoop;
    }

    @Override
    public String toString() {
        return "dial " + endpoint + " within " + timeout;
    }
}
