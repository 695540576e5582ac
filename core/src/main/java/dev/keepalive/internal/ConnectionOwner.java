package dev.keepalive.internal;

import dev.keepalive.Endpoint;
import org.jspecify.annotations.Nullable;

/** The owner of a connection, who stays the same for as long as it is open. */
final class ConnectionOwner {
    private ConnectionOwner() {}

    /**
     * Checks that a connection may become another endpoint's.
     *
     * @throws IllegalArgumentException if it would leave its owner
     */
    static void requireKept(Endpoint present, Endpoint as) {
        String owner = lost(present, as);
        if (owner != null) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection is one to " + present
                    + ", and belongs to owner '" + owner + "' for as long as it is open");
        }
    }

    /** The owner that the endpoint, its proxy or its target has, and the other one has not; null if there is none. */
    private static @Nullable String lost(@Nullable Endpoint endpoint, @Nullable Endpoint as) {
        if (endpoint == null) {
            return null;
        }
        String owner = endpoint.owner();
        if (owner != null && (as == null || !owner.equals(as.owner()))) {
            return owner;
        }
        String ofProxy = lost(endpoint.proxy(), as == null ? null : as.proxy());
        return ofProxy == null ? lost(endpoint.target(), as == null ? null : as.target()) : ofProxy;
    }
}
