package dev.keepalive.http;

import dev.keepalive.spi.VisibleText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which request follows a response with a status of 3xx (RFC 9110, section 15.4). */
final class RedirectRules {
    private static final Set<String> FOR_ONE_ORIGIN = Set.of("authorization", "proxy-authorization", "cookie", "host");
    /** What describes the body, which a request of another method does not have. */
    private static final Set<String> OF_BODY =
            Set.of("content-encoding", "content-language", "content-location", "content-type", "digest");

    private static final int SEE_OTHER = 303;

    private final Redirect policy;

    RedirectRules(Redirect policy) {
        this.policy = policy;
    }

    /**
     * The request that follows.
     *
     * @return null if the response is for the program, as it is if it leads to another scheme than http and https
     * @throws IOException if the response does not say where to go, or to a place that cannot be
     */
    @Nullable
    ClientRequest next(ClientRequest request, ResponseHead response) throws IOException {
        int status = response.statusCode();
        if (policy == Redirect.NEVER || !isRedirect(status)) {
            return null;
        }
        URI target = target(request.uri(), response.headers());
        if (!isHttp(target) || !isAllowed(request.uri(), target)) {
            return null;
        }
        String method = method(request.method(), status);
        // After 303, what follows asks for another resource (RFC 9110, section 15.4.4).
        boolean withBody = status != SEE_OTHER && method.equals(request.method());
        BodyPublisher body = withBody ? request.body() : null;
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        fields.putAll(request.headers().map());
        if (!isSameOrigin(request.uri(), target)) {
            fields.keySet().removeIf(name -> FOR_ONE_ORIGIN.contains(name.toLowerCase(Locale.ROOT)));
        }
        if (!withBody) {
            fields.keySet().removeIf(name -> OF_BODY.contains(name.toLowerCase(Locale.ROOT)));
        }
        return request.with(method, target, fields, body);
    }

    private static boolean isRedirect(int status) {
        return switch (status) {
            case 301, 302, SEE_OTHER, 307, 308 -> true;
            default -> false;
        };
    }

    private static String method(String method, int status) {
        return switch (status) {
            case 301, 302 -> method.equals("POST") ? "GET" : method;
            case SEE_OTHER -> method.equals("HEAD") ? method : "GET";
            default -> method;
        };
    }

    private static URI target(URI from, HttpHeaders headers) throws IOException {
        String location = headers.firstValue("Location").orElse(null);
        if (location == null) {
            throw new IOException("Invalid redirection: the response has no Location");
        }
        try {
            return from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new IOException("Invalid redirection: Location '" + shown(location) + "' is not allowed", e);
        }
    }

    /** Without what may be a password or a token. */
    private static String shown(String location) {
        int end = location.indexOf('?');
        String text = end < 0 ? location : location.substring(0, end) + "?...";
        return text.indexOf('@') >= 0 ? "..." : VisibleText.of(text);
    }

    private boolean isAllowed(URI from, URI to) {
        boolean downgrade = isHttps(from) && !isHttps(to);
        return policy == Redirect.ALWAYS || !downgrade;
    }

    private static boolean isHttp(URI uri) {
        return isHttps(uri) || "http".equalsIgnoreCase(uri.getScheme());
    }

    private static boolean isHttps(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static boolean isSameOrigin(URI one, URI other) {
        String host = one.getHost();
        return isHttps(one) == isHttps(other)
                && host != null
                && host.equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        int usual = isHttps(uri) ? 443 : 80;
        return uri.getPort() < 0 ? usual : uri.getPort();
    }
}
