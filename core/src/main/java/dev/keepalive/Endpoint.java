package dev.keepalive;

import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a connection leads to: scheme, host and port. Connections are shared between acquires whose endpoints are equal, and
 * never otherwise.
 *
 * <p>The scheme is free text in the grammar of RFC 3986, section 3.1, and part of the identity: {@code http} and {@code redis} on the
 * same port are two endpoints. Scheme and host are kept in lower case, a host name in its ASCII form (RFC 3490), an IPv6 address
 * in full and without its brackets, so that what is equal to the network is equal here. Immutable.
 */
public final class Endpoint {
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
    private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?");

    private final String scheme;
    private final String host;
    private final int port;
    private final int hash;

    private Endpoint(String scheme, String host, int port) {
        this.scheme = checkedScheme(scheme);
        this.host = checkedHost(host);
        this.port = checkedPort(port);
        this.hash = Objects.hash(this.scheme, this.host, this.port);
    }

    /**
     * The endpoint of these three parts.
     *
     * @param scheme a letter, then letters, digits, {@code +}, {@code -} or {@code .}
     * @param host a host name, an IPv4 address, or an IPv6 address with or without brackets
     * @param port 1 to 65535
     * @throws IllegalArgumentException if a part is not as described; the message names it
     */
    public static Endpoint of(String scheme, String host, int port) {
        return new Endpoint(scheme, host, port);
    }

    /**
     * The endpoint of a URI with a host: its scheme, its host, and its port, which may be left out for {@code http} (80) and
     * {@code https} (443). Path, query and fragment play no part.
     *
     * @throws IllegalArgumentException if the URI has no scheme or no host, no port where one is needed, or user information, which
     *     would decide whose connection it is without being part of the endpoint
     */
    public static Endpoint of(URI uri) {
        String authority = uri.getRawAuthority();
        if (authority != null && authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "user information in a URI is not allowed: an endpoint is scheme, host and port");
        }
        if (uri.getScheme() == null || authority == null) {
            throw new IllegalArgumentException("no scheme or no host in URI '" + uri + "': use scheme://host:port");
        }
        // Not getHost() and getPort(): they refuse names with an underscore, of which there are many.
        int colon = authority.lastIndexOf(':');
        boolean withPort = colon > authority.lastIndexOf(']');
        String host = withPort ? authority.substring(0, colon) : authority;
        String port = withPort ? authority.substring(colon + 1) : "";
        return new Endpoint(uri.getScheme(), host, port.isEmpty() ? defaultPort(uri) : parsedPort(port));
    }

    /**
     * The endpoint written as {@code scheme://host:port}; the port may be left out for {@code http} (80) and {@code https} (443).
     *
     * @throws IllegalArgumentException if the text is anything else: also with a path, a query or user information
     */
    public static Endpoint parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is not an endpoint: use scheme://host:port", e);
        }
        if (!Objects.toString(uri.getRawPath(), "").isEmpty()
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("'" + text
                    + "' has a path, a query or a fragment: an endpoint is scheme://host:port, nothing else");
        }
        return of(uri);
    }

    /** The scheme, in lower case. */
    public String scheme() {
        return scheme;
    }

    /** The host name or address, in lower case; an IPv6 address in full and without brackets. */
    public String host() {
        return host;
    }

    /** The port, 1 to 65535. */
    public int port() {
        return port;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Endpoint that
                        && hash == that.hash
                        && port == that.port
                        && host.equals(that.host)
                        && scheme.equals(that.scheme));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@code scheme://host:port}, as {@link #parse} reads it. */
    @Override
    public String toString() {
        return scheme + "://" + (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
    }

    private static int defaultPort(URI uri) {
        return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "http" -> 80;
            case "https" -> 443;
            default ->
                throw new IllegalArgumentException("no port in URI '" + uri + "': only http and https have a default");
        };
    }

    private static int parsedPort(String port) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port '" + port + "' is not allowed: 1 to 65535", e);
        }
    }

    private static String checkedScheme(String scheme) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        if (!SCHEME.matcher(lower).matches()) {
            throw new IllegalArgumentException("scheme '" + scheme
                    + "' is not allowed: a letter, then letters, digits, '+', '-' or '.' (RFC 3986)");
        }
        return lower;
    }

    private static String checkedHost(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed || host.indexOf(':') >= 0) {
            return checkedIpv6(host, bracketed ? host : '[' + host + ']');
        }
        String ascii;
        try {
            ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notAHost(host), e);
        }
        if (ascii.length() > 255 || !HOST_NAME.matcher(ascii).matches()) {
            throw new IllegalArgumentException(notAHost(host));
        }
        return ascii;
    }

    /** Brackets make the JDK read a literal, and look nothing up. */
    private static String checkedIpv6(String host, String bracketed) {
        try {
            return InetAddress.getByName(bracketed).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(notAHost(host), e);
        }
    }

    private static String notAHost(String host) {
        return "host '" + host + "' is not allowed: a host name or an IP address of 1 to 255 characters";
    }

    private static int checkedPort(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not allowed: 1 to 65535");
        }
        return port;
    }
}
