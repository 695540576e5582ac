package dev.keepalive.http;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import java.net.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Where requests of one origin go, on one way.
 *
 * @param scheme http or https
 * @param authority host and port, without a default port and without a zone
 * @param origin scheme, host and port as one key, the default port included
 * @param acquire asks for a connection
 * @param proxy the proxy; null if there is none
 * @param wholeUri whether the target of the request is the whole URI, since a proxy reads it
 */
record Destination(
        String scheme,
        String authority,
        String origin,
        AcquireRequest acquire,
        @Nullable Proxy proxy,
        boolean wholeUri) {
    Endpoint endpoint() {
        return acquire.endpoint();
    }

    /** Whether there is an HTTP proxy, which may ask for credentials: for the request, or for its tunnel. */
    boolean isOfHttpProxy() {
        return proxy != null && proxy.type() == Proxy.Type.HTTP;
    }
}
