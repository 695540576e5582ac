package dev.keepalive.http;

import dev.keepalive.spi.VisibleText;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request that does not change. A request of a program may be of a class of its own, so each of its methods is asked
 * once, and what they say is checked.
 */
final class ClientRequest extends HttpRequest {
    private static final String HOST = "Host";

    /** Names that the client sets by itself. */
    private static final Set<String> RESTRICTED =
            restricted(System.getProperty("jdk.httpclient.allowRestrictedHeaders", ""));

    private final String method;
    private final URI uri;
    private final HttpHeaders headers;
    private final @Nullable BodyPublisher body;
    private final @Nullable Duration timeout;
    private final HttpClient.@Nullable Version version;
    private final boolean expectContinue;

    private ClientRequest(HttpRequest of, String method, URI uri, HttpHeaders headers, @Nullable BodyPublisher body) {
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = body;
        this.timeout = of.timeout().orElse(null);
        this.version = of.version().orElse(null);
        this.expectContinue = of.expectContinue();
    }

    /**
     * The request as it is now.
     *
     * @throws IllegalArgumentException if {@link HttpRequest.Builder} would have refused a part of it
     */
    static ClientRequest of(HttpRequest request) {
        String method = Objects.requireNonNull(request.method(), "method");
        URI uri = Objects.requireNonNull(request.uri(), "uri");
        HttpHeaders headers = Objects.requireNonNull(request.headers(), "headers");
        if (!HeaderSyntax.isToken(method) || method.equals("CONNECT")) {
            throw new IllegalArgumentException("method '" + VisibleText.of(method)
                    + "' is not allowed: a token of RFC 9110, section 5.6.2, other than CONNECT");
        }
        checkScheme(uri);
        headers.map().forEach(ClientRequest::check);
        ClientRequest copy = new ClientRequest(
                request, method, uri, headers, request.bodyPublisher().orElse(null));
        Duration timeout = copy.timeout;
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("timeout " + timeout + " is not allowed: more than zero");
        }
        return copy;
    }

    static void checkScheme(URI uri) {
        String scheme = uri.getScheme();
        String lower = scheme == null ? "" : scheme.toLowerCase(Locale.ROOT);
        if (!lower.equals("http") && !lower.equals("https")) {
            // Without the rest of the URI, which may contain a password.
            throw new IllegalArgumentException("a URI with "
                    + (scheme == null ? "no scheme" : "scheme " + VisibleText.of(scheme))
                    + " is not allowed: http or https");
        }
    }

    private static void check(String name, List<String> values) {
        if (!HeaderSyntax.isToken(name)) {
            throw new IllegalArgumentException(
                    "header name '" + VisibleText.of(name) + "' is not allowed: a token of RFC 9110, section 5.6.2");
        }
        if (RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "header " + name + " is not allowed: the client sets it (restricted header name)");
        }
        for (String value : values) {
            if (!HeaderSyntax.isValue(value)) {
                throw new IllegalArgumentException("the value of header " + name + " is not allowed: it contains a"
                        + " control character, such as CR, LF or NUL, or a character above U+00FF");
            }
        }
    }

    /**
     * The names that a program may not set. The JDK's property takes names out, for its client and for this one: of
     * these, {@code connection} and {@code host}, which this client can do without.
     */
    static Set<String> restricted(String allowedNames) {
        Set<String> names =
                new HashSet<>(Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade"));
        for (String name : allowedNames.split(",")) {
            String allowed = name.strip().toLowerCase(Locale.ROOT);
            if (allowed.equals("connection") || allowed.equals("host")) {
                names.remove(allowed);
            }
        }
        return Set.copyOf(names);
    }

    /** What the header Host says: what the program has set, if it may; else where the request goes. */
    String host(Destination destination) {
        return headers.firstValue(HOST).orElse(destination.authority());
    }

    /** The same request to another place, with other headers, another method or body. */
    ClientRequest with(String newMethod, URI newUri, Map<String, List<String>> newHeaders, @Nullable BodyPublisher to) {
        return new ClientRequest(this, newMethod, newUri, HttpHeaders.of(newHeaders, (name, value) -> true), to);
    }

    @Override
    public Optional<BodyPublisher> bodyPublisher() {
        return Optional.ofNullable(body);
    }

    @Nullable
    BodyPublisher body() {
        return body;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    @Override
    public boolean expectContinue() {
        return expectContinue;
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public Optional<HttpClient.Version> version() {
        return Optional.ofNullable(version);
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    /** The URI and the method, as the JDK's requests show themselves. */
    @Override
    public String toString() {
        return uri + " " + method;
    }
}
