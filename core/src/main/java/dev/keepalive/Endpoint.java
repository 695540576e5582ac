package dev.keepalive;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a connection leads to, and as whom: scheme, host and port, and whatever else decides its identity. Connections
 * are shared between acquires whose endpoints are equal in every part, and never otherwise.
 *
 * <p>The scheme is free text in the grammar of RFC 3986, section 3.1, and part of the identity: {@code http} and
 * {@code redis} on the same port are two endpoints. Scheme and host are kept in lower case, a host name in its ASCII
 * form (RFC 3490), an IPv6 address in full and without its brackets, so that what is equal to the network is equal
 * here.
 *
 * <p>No secret is part of an endpoint: keys, certificates, users and passwords are kept by the connector, under the
 * names that stand here. What a connector is not able to do for an endpoint it refuses at once, with an
 * {@link IllegalArgumentException}. Immutable.
 */
public final class Endpoint implements Serializable {
    private static final long serialVersionUID = 1;

    /** What an endpoint has. Two endpoints are equal if all of this is: a new part is in the identity by being here. */
    private enum Part {
        SCHEME,
        HOST,
        PORT,
        SOCKET,
        TLS,
        SERVER_NAME,
        IDENTITY,
        PROTOCOLS,
        PROXY,
        CREDENTIALS,
        LOCAL_ADDRESS,
        TARGET,
        OWNER
    }

    private static final String HTTPS = "https";

    private final EnumMap<Part, Object> parts;
    private final transient int hash;

    /** Made when it is first asked for; which of several stays does not matter. */
    private transient @Nullable AcquireRequest plainRequest;

    private Endpoint(EnumMap<Part, Object> parts) {
        this.parts = parts;
        this.hash = parts.hashCode();
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
        return made(scheme, host).with(Part.PORT, EndpointSyntax.port(port));
    }

    /**
     * The endpoint of a URI with a host: its scheme, its host, and its port, which may be left out for {@code http}
     * (80) and {@code https} (443). Path, query and fragment play no part.
     *
     * @throws IllegalArgumentException if the URI has no scheme or no host, no port where one is needed, or user
     *     information, which would decide whose connection it is without being part of the endpoint
     */
    public static Endpoint of(URI uri) {
        String authority = uri.getRawAuthority();
        if (authority != null && authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "user information in a URI is not allowed: an endpoint is scheme, host and port");
        }
        if (uri.getScheme() == null || authority == null) {
            throw new IllegalArgumentException(
                    "no scheme or no host in " + quoted("URI ", uri.toString()) + ": use scheme://host:port");
        }
        // Not getHost() and getPort(): they refuse names with an underscore, of which there are many.
        int colon = authority.lastIndexOf(':');
        boolean withPort = colon > authority.lastIndexOf(']');
        String host = withPort ? authority.substring(0, colon) : authority;
        String port = withPort ? authority.substring(colon + 1) : "";
        return of(uri.getScheme(), host, port.isEmpty() ? defaultPort(uri) : EndpointSyntax.port(port));
    }

    /**
     * The endpoint written as {@code scheme://host:port}; the port may be left out for {@code http} (80) and
     * {@code https} (443).
     *
     * @throws IllegalArgumentException if the text is anything else: also with a path, a query or user information
     */
    public static Endpoint parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // Its message has the whole text.
            Throwable cause = text.indexOf('@') < 0 ? e : null;
            throw new IllegalArgumentException(quoted("", text) + " is not an endpoint: use scheme://host:port", cause);
        }
        if (!Objects.toString(uri.getRawPath(), "").isEmpty()
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(quoted("", text)
                    + " has a path, a query or a fragment: an endpoint is scheme://host:port, nothing else");
        }
        return of(uri);
    }

    /** For messages: not if there may be a password in it. */
    private static String quoted(String what, String text) {
        return text.indexOf('@') < 0 ? what + '\'' + text + '\'' : "a text with user information";
    }

    /**
     * The endpoint at a Unix-domain socket of this machine. Its host is {@code localhost}, its port 0.
     *
     * @param scheme as of any endpoint: the protocol that is spoken
     * @param socket made absolute, without {@code .} and {@code ..}; links are not followed
     * @throws IllegalArgumentException if the scheme is not as described
     */
    public static Endpoint unix(String scheme, Path socket) {
        String path = socket.toAbsolutePath().normalize().toString();
        return made(scheme, "localhost").with(Part.PORT, 0).with(Part.SOCKET, path);
    }

    private static Endpoint made(String scheme, String host) {
        EnumMap<Part, Object> parts = new EnumMap<>(Part.class);
        parts.put(Part.SCHEME, EndpointSyntax.scheme(scheme));
        parts.put(Part.HOST, EndpointSyntax.host(host));
        if (parts.get(Part.SCHEME).equals(HTTPS)) {
            parts.put(Part.TLS, true);
        }
        return new Endpoint(parts);
    }

    // ---- what else decides the identity

    /** The same endpoint spoken to over TLS, though its scheme does not say so. {@code https} does. */
    public Endpoint withTls() {
        return with(Part.TLS, true);
    }

    /**
     * The same endpoint spoken to over TLS, where the peer must show a certificate of this name instead of the host's,
     * and is asked for it (SNI, RFC 6066).
     *
     * @throws IllegalArgumentException if it is not a host name or an IP address
     */
    public Endpoint withTls(String serverName) {
        String name = EndpointSyntax.host(serverName);
        // What is the same in effect is the same endpoint.
        return withTls().with(Part.SERVER_NAME, name.equals(host()) ? null : name);
    }

    /**
     * The same endpoint spoken to over TLS with the settings that the connector has under this name: whom it trusts,
     * and who it says it is.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Endpoint withIdentity(String name) {
        return withTls().with(Part.IDENTITY, EndpointSyntax.name("identity", name));
    }

    /**
     * The same endpoint spoken to over TLS, where the peer is offered these protocols, the preferred one first (ALPN,
     * RFC 7301). None means that the connector's settings decide.
     *
     * @throws IllegalArgumentException if one is not 1 to 255 visible ASCII characters
     */
    public Endpoint withProtocols(String... protocols) {
        List<String> offered = Arrays.stream(protocols)
                .map(EndpointSyntax::protocol)
                .distinct()
                .toList();
        return withTls().with(Part.PROTOCOLS, offered.isEmpty() ? null : offered);
    }

    /**
     * The same endpoint, reached through a proxy, which looks its name up. The proxy is an endpoint of its own: it may
     * be spoken to over TLS, and be reached through another proxy.
     */
    public Endpoint withProxy(Endpoint proxy) {
        return with(Part.PROXY, Objects.requireNonNull(proxy, "proxy"));
    }

    /**
     * The same endpoint, a proxy, where one enters with the user and password that the connector has under this name.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Endpoint withCredentials(String name) {
        return with(Part.CREDENTIALS, EndpointSyntax.name("credentials", name));
    }

    /** The same endpoint, reached from this local address. */
    public Endpoint withLocalAddress(InetAddress address) {
        return with(Part.LOCAL_ADDRESS, address.getHostAddress());
    }

    /**
     * The same endpoint, for connections that are spoken through to another one: a tunnel that the program asks the
     * peer for by itself, say. The seed's {@code for_scheme}, {@code for_address} and {@code for_port}.
     */
    public Endpoint withTarget(Endpoint target) {
        return with(Part.TARGET, Objects.requireNonNull(target, "target"));
    }

    /**
     * The same endpoint, for connections that belong to one owner: those on which a user has proved who he is, so that
     * the peer takes all that comes for his. Sticky: a connection is never released as one that belongs to somebody
     * else, or to nobody.
     *
     * @param owner any name that tells owners apart; not a secret, since it appears in messages
     * @throws IllegalArgumentException if the name is blank
     */
    public Endpoint withOwner(String owner) {
        return with(Part.OWNER, EndpointSyntax.name("owner", owner));
    }

    private Endpoint with(Part part, @Nullable Object value) {
        EnumMap<Part, Object> changed = new EnumMap<>(parts);
        if (value == null) {
            changed.remove(part);
        } else {
            changed.put(part, value);
        }
        return new Endpoint(changed);
    }

    // ---- its parts

    /** The scheme, in lower case. */
    public String scheme() {
        return (String) required(Part.SCHEME);
    }

    /**
     * The host name or address, in lower case; an IPv6 address in full and without brackets; {@code localhost} for a
     * Unix-domain socket.
     */
    public String host() {
        return (String) required(Part.HOST);
    }

    /** The port, 1 to 65535, or 0 for a Unix-domain socket. */
    public int port() {
        return (Integer) required(Part.PORT);
    }

    /** The path of the Unix-domain socket, or null if it is reached over TCP. */
    public @Nullable Path unixSocketPath() {
        String path = text(Part.SOCKET);
        return path == null ? null : Path.of(path);
    }

    /**
     * True if it is asked for over TLS by {@code https} or by a {@code with} method; a connector may know more schemes
     * that mean TLS.
     */
    public boolean tls() {
        return parts.containsKey(Part.TLS);
    }

    /** The name that the peer's certificate must have: the host, or what was set in its place. */
    public String serverName() {
        String name = text(Part.SERVER_NAME);
        return name == null ? host() : name;
    }

    /** The name of the TLS settings, or null for the connector's. */
    public @Nullable String identity() {
        return text(Part.IDENTITY);
    }

    /** The protocols that are offered, the preferred one first; empty if the connector's settings decide. */
    @SuppressWarnings("unchecked") // only withProtocols sets it
    public List<String> protocols() {
        List<String> offered = (List<String>) parts.get(Part.PROTOCOLS);
        return offered == null ? List.of() : offered;
    }

    /** The proxy through which it is reached, or null. */
    public @Nullable Endpoint proxy() {
        return (Endpoint) parts.get(Part.PROXY);
    }

    /** The name of user and password, if it is a proxy that wants them; else null. */
    public @Nullable String credentials() {
        return text(Part.CREDENTIALS);
    }

    /** The local address from which it is reached, or null for the connector's. */
    public @Nullable InetAddress localAddress() {
        String address = text(Part.LOCAL_ADDRESS);
        try {
            return address == null ? null : InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the local address " + address + " is no more: " + e.getMessage(), e);
        }
    }

    /** What its connections are for, or null. */
    public @Nullable Endpoint target() {
        return (Endpoint) parts.get(Part.TARGET);
    }

    /** Whom its connections belong to, or null if they are for everybody. */
    public @Nullable String owner() {
        return text(Part.OWNER);
    }

    private Object required(Part part) {
        return Objects.requireNonNull(parts.get(part));
    }

    private @Nullable String text(Part part) {
        return (String) parts.get(part);
    }

    /** The request for it that has nothing else. */
    AcquireRequest plainRequest() {
        AcquireRequest made = plainRequest;
        if (made == null) {
            made = AcquireRequest.plain(this);
            plainRequest = made;
        }
        return made;
    }

    /** The hash of a part is another one in each JVM. */
    private Object readResolve() {
        return new Endpoint(parts);
    }

    // ---- identity

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof Endpoint that && hash == that.hash && parts.equals(that.parts));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * {@code scheme://host:port}, as {@link #parse} reads it, or {@code scheme:path} of a Unix-domain socket; what else
     * decides the identity follows in brackets.
     */
    @Override
    public String toString() {
        String address = host().indexOf(':') < 0 ? host() : '[' + host() + ']';
        String base = unixSocketPath() == null
                ? scheme() + "://" + address + ':' + port()
                : scheme() + ':' + unixSocketPath();
        List<String> more = new ArrayList<>();
        if (tls() && !scheme().equals(HTTPS)) {
            more.add("TLS");
        }
        for (Part part : Part.values()) {
            if (part.compareTo(Part.TLS) > 0 && parts.containsKey(part)) {
                more.add(part.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + parts.get(part));
            }
        }
        return more.isEmpty() ? base : base + '[' + String.join("; ", more) + ']';
    }

    private static int defaultPort(URI uri) {
        return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "http" -> 80;
            case "https" -> 443;
            default ->
                throw new IllegalArgumentException("no port in URI '" + uri + "': only http and https have a default");
        };
    }
}
