package dev.keepalive.cli;

import dev.keepalive.Endpoint;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The endpoint and the request of one URL. Immutable. */
final class FetchTarget {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    private final Endpoint endpoint;
    private final String path;
    private final HttpHeaders headers;

    private FetchTarget(Endpoint endpoint, String path, HttpHeaders headers) {
        this.endpoint = endpoint;
        this.path = path;
        this.headers = headers;
    }

    /**
     * The target of a URL.
     *
     * @param keepAlive whether the server may keep the connection
     * @param way adds the route to the endpoint
     * @throws IllegalArgumentException if it is not an http or https URL with a host
     */
    static FetchTarget of(String url, boolean keepAlive, UnaryOperator<Endpoint> way) {
        URI uri = parsed(url);
        if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "URL '" + url + "' is not allowed: it must begin with http:// or https://");
        }
        String authority = uri.getRawAuthority();
        if (authority == null) {
            throw new IllegalArgumentException("URL '" + url + "' is not allowed: it has no host, or not a valid one");
        }
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException("URL with a user or password for host '"
                    + authority.substring(authority.lastIndexOf('@') + 1) + "' is not allowed: leave them out");
        }
        Endpoint endpoint = endpoint(url, uri);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new FetchTarget(way.apply(endpoint), path + query, headers(endpoint, keepAlive));
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** A new request; all requests share the headers. */
    HttpObject request() {
        return new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE);
    }

    private static URI parsed(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "URL '" + url + "' is not allowed: " + e.getReason() + " at index " + e.getIndex(), e);
        }
    }

    private static Endpoint endpoint(String url, URI uri) {
        try {
            return Endpoint.of(uri);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("URL '" + url + "' is not allowed: " + e.getMessage(), e);
        }
    }

    private static HttpHeaders headers(Endpoint endpoint, boolean keepAlive) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .add(HttpHeaderNames.HOST, authority(endpoint))
                .add(HttpHeaderNames.USER_AGENT, "keepalive/" + CliVersion.number())
                .add(HttpHeaderNames.ACCEPT, "*/*");
        if (!keepAlive) {
            headers.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return headers;
    }

    private static String authority(Endpoint endpoint) {
        String host = endpoint.host().indexOf(':') < 0 ? endpoint.host() : "[" + endpoint.host() + "]";
        boolean usual = endpoint.port() == (endpoint.scheme().equals("http") ? 80 : 443);
        return usual ? host : host + ":" + endpoint.port();
    }
}
