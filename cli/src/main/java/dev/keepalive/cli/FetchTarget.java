package dev.keepalive.cli;

import dev.keepalive.Endpoint;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/**
 * One URL to fetch.
 *
 * @param uri the URL in ASCII, without a zone that {@link URI} does not take, and without its fragment
 * @param endpoint the server, with its zone
 */
record FetchTarget(URI uri, Endpoint endpoint) {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /**
     * The target of a URL.
     *
     * @throws IllegalArgumentException if it is not an http or https URL with a host
     */
    static FetchTarget of(String url) {
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
        return new FetchTarget(uri(endpoint, path(text)), endpoint);
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

    private static URI uri(Endpoint endpoint, String path) {
        try {
            return uri(endpoint, endpoint.host(), path);
        } catch (URISyntaxException zone) {
            try {
                return uri(endpoint, withoutZone(endpoint.host()), path);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("URL is not allowed: " + e.getReason(), e);
            }
        }
    }

    private static URI uri(Endpoint endpoint, String host, String path) throws URISyntaxException {
        String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return new URI(endpoint.scheme() + "://" + name + ":" + endpoint.port() + path);
    }

    /** The host without a zone, which has no meaning to other hosts (RFC 6874, section 4). */
    private static String withoutZone(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    /** The server with its zone, which {@link #uri} may lack: the same host and port, for any scheme. */
    Endpoint zoned(Endpoint same) {
        boolean here = same.port() == endpoint.port() && same.host().equals(withoutZone(endpoint.host()));
        return here ? Endpoint.of(same.scheme(), endpoint.host(), endpoint.port()) : same;
    }

    private static IllegalArgumentException notAllowed(UrlText text, String why) {
        return new IllegalArgumentException("URL" + text.shown() + " is not allowed: " + why);
    }
}
