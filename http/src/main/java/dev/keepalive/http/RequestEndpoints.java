package dev.keepalive.http;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoint of a URI. What it has found it keeps, for a bounded number of origins, since every request asks.
 * Safe from any thread.
 */
final class RequestEndpoints {
    private static final int MOST_KEPT = 4_096;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private record Key(
            String scheme, String authority, boolean http2, @Nullable Proxy proxy, @Nullable String credentials) {}

    private final Map<Key, Destination> known = new ConcurrentHashMap<>();
    private final boolean priorKnowledge;
    private final UnaryOperator<Endpoint> route;
    private final TunnelCredentials tunnelCredentials;

    /** @param route makes the way of endpoints that no proxy leads to */
    RequestEndpoints(boolean priorKnowledge, UnaryOperator<Endpoint> route, TunnelCredentials tunnelCredentials) {
        this.priorKnowledge = priorKnowledge;
        this.route = route;
        this.tunnelCredentials = tunnelCredentials;
    }

    /**
     * The destination of a request.
     *
     * @param http2 whether HTTP/2 is wanted
     * @param proxy null or DIRECT for none
     * @param authorization with which Proxy-Authorization an HTTP proxy is asked for a tunnel; null for none
     * @throws IllegalArgumentException if the URI is not of http or https, has no host, a port out of range, or user
     *     information
     */
    Destination of(URI uri, boolean http2, @Nullable Proxy proxy, @Nullable String authorization) {
        Proxy used = proxy == null || proxy.type() == Proxy.Type.DIRECT ? null : proxy;
        String scheme = uri.getScheme();
        String authority = uri.getRawAuthority();
        if (scheme == null || authority == null) {
            ClientRequest.checkScheme(uri);
            throw new IllegalArgumentException("a URI without a host is not allowed");
        }
        String credentials = authorization == null ? null : tunnelCredentials.name(authorization);
        Key key = new Key(scheme, authority, http2, used, credentials);
        Destination found = known.get(key);
        if (found == null) {
            found = find(uri, http2, used, credentials);
            if (known.size() >= MOST_KEPT) {
                known.clear();
            }
            known.put(key, found);
        }
        return found;
    }

    private Destination find(URI uri, boolean http2, @Nullable Proxy proxy, @Nullable String credentials) {
        ClientRequest.checkScheme(uri);
        if (uri.getRawAuthority().indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "user information in a URI is not allowed: use an Authenticator, or the" + " header Authorization");
        }
        Endpoint origin = Endpoint.of(uri);
        String authority = authority(origin);
        String key = origin.scheme() + "://" + origin.host() + ':' + origin.port();
        boolean wholeUri = proxy != null && proxy.type() == Proxy.Type.HTTP && !origin.tls();
        Endpoint way;
        if (proxy == null) {
            boolean isKnown = priorKnowledge && http2 && !origin.tls();
            way = offering(
                    route.apply(isKnown ? Endpoint.of(HttpProtocol.H2_SCHEME, origin.host(), origin.port()) : origin),
                    http2);
        } else {
            Endpoint nearest = proxyEndpoint(proxy);
            way = wholeUri
                    ? nearest
                    : offering(origin, http2)
                            .withProxy(credentials == null ? nearest : nearest.withCredentials(credentials));
        }
        return new Destination(origin.scheme(), authority, key, AcquireRequest.to(way), proxy, wholeUri);
    }

    /** With the protocols of TLS, unless the way has its own. */
    private static Endpoint offering(Endpoint way, boolean http2) {
        if (!way.tls() || !way.protocols().isEmpty()) {
            return way;
        }
        return http2
                ? way.withProtocols(HttpProtocol.H2, HttpProtocol.HTTP_1_1)
                : way.withProtocols(HttpProtocol.HTTP_1_1);
    }

    private static Endpoint proxyEndpoint(Proxy proxy) {
        if (!(proxy.address() instanceof InetSocketAddress address)) {
            throw new IllegalArgumentException("proxy " + proxy + " is not allowed: it has no host and port");
        }
        String scheme = proxy.type() == Proxy.Type.SOCKS ? "socks5" : "http";
        return Endpoint.of(scheme, address.getHostString(), address.getPort());
    }

    private static String authority(Endpoint endpoint) {
        // Without a zone, which is a name of this host only (RFC 6874, section 4).
        String host = endpoint.host();
        int zone = host.indexOf('%');
        String known = zone < 0 ? host : host.substring(0, zone);
        String name = known.indexOf(':') < 0 ? known : '[' + known + ']';
        int usual = endpoint.tls() ? HTTPS_PORT : HTTP_PORT;
        return endpoint.port() == usual ? name : name + ':' + endpoint.port();
    }

    /** The target of the request line: path and query in ASCII, or the whole URI without its fragment for a proxy. */
    static String target(URI uri, Destination destination) {
        String target = target(uri);
        if (!isAscii(target)) {
            target = target(URI.create(uri.toASCIIString()));
        }
        return destination.wholeUri() ? destination.scheme() + "://" + destination.authority() + target : target;
    }

    private static String target(URI uri) {
        String path = Objects.requireNonNullElse(uri.getRawPath(), "");
        String query = uri.getRawQuery();
        String target = path.isEmpty() ? "/" : path;
        return query == null ? target : target + '?' + query;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }
}
