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
        UrlText text = UrlText.of(url);
        if (!SCHEMES.contains(text.scheme().toLowerCase(Locale.ROOT))) {
            throw notAllowed(text, "it must begin with http:// or https://");
        }
        if (text.authority().indexOf('@') >= 0) {
            throw notAllowed(text, "leave user and password out");
        }
        if (text.authority().isEmpty()) {
            throw notAllowed(text, "it has no host");
        }
        Endpoint endpoint;
        try {
            endpoint = Endpoint.parse(text.scheme() + "://" + text.authority());
        } catch (IllegalArgumentException e) {
            throw notAllowed(text, String.valueOf(e.getMessage()));
        }
        return new FetchTarget(way.apply(endpoint), path(text), headers(endpoint, keepAlive));
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** A new request; all requests share the headers. */
    HttpObject request() {
        return new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE);
    }

    /** The path and the query, in ASCII. */
    private static String path(UrlText text) {
        try {
            URI uri = new URI("http://any" + text.rest());
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return UrlText.escaped(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        } catch (URISyntaxException e) {
            // Without the exception: its message contains the path.
            throw notAllowed(text, String.valueOf(e.getReason()));
        }
    }

    private static IllegalArgumentException notAllowed(UrlText text, String why) {
        return new IllegalArgumentException("URL" + text.shown() + " is not allowed: " + why);
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
        // Without a zone, which is a name of this host only (RFC 6874, section 4).
        String name = endpoint.host().replaceFirst("%.*", "");
        String host = name.indexOf(':') < 0 ? name : "[" + name + "]";
        boolean usual = endpoint.port() == (endpoint.scheme().equals("http") ? 80 : 443);
        return usual ? host : host + ":" + endpoint.port();
    }
}
