package dev.keepalive;

import dev.keepalive.spi.VisibleText;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.URI;
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
 * The key of a connection: scheme, host, port, and everything else that decides its identity. A connection is shared
 * only between acquires whose endpoints are equal in every part.
 *
 * <p>The scheme is free text in the grammar of RFC 3986, section 3.1. It is part of the identity: {@code http} and
 * {@code redis} on the same port are two endpoints. Scheme and host are kept in lower case, a host name in its ASCII
 * form (RFC 5890), an IPv6 address in full and without brackets. So endpoints that are equal to the network are equal
 * here.
 *
 * <p>An endpoint contains no secrets. The connector keeps keys, certificates, users and passwords under names, and the
 * endpoint contains the names. A connector refuses an endpoint that it cannot serve at once, with an
 * {@link IllegalArgumentException}. Immutable.
 */
public final class Endpoint implements Serializable {
    private static final long serialVersionUID = 1;

    /**
     * The parts of an endpoint. Two endpoints are equal if all parts are equal, so a new part belongs to the identity
     * by being listed here.
     */
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

    private final EnumMap<Part, Object> parts;
    private final transient int hash;

    /** Made when it is first needed. Several threads may make one each; it does not matter which one is kept. */
    private transient @Nullable AcquireRequest plainRequest;

    private Endpoint(EnumMap<Part, Object> parts) {
        this.parts = parts;
        this.hash = parts.hashCode();
    }

    /**
     * The endpoint with this scheme, host and port.
     *
     * @param scheme a letter, then letters, digits, {@code +}, {@code -} or {@code .}
     * @param host a host name, an IPv4 address of four decimal numbers, or an IPv6 address with or without brackets
     * @param port 1 to 65535
     * @throws IllegalArgumentException if a part is not as described; the message names it. Also if the host has
     *     characters that IDNA 2003 and IDNA 2008 map to different names: they must be in the ASCII form
     */
    public static Endpoint of(String scheme, String host, int port) {
        return create(scheme, host).with(Part.PORT, EndpointSyntax.port(port));
    }

    /**
     * The endpoint of a URI (RFC 3986): its scheme, its host, and its port, which may be left out if the scheme has a
     * registered default. Path, query and fragment are ignored.
     *
     * @throws IllegalArgumentException if the URI has no scheme, no host, or no port where one is needed; or if it has
     *     user information, which would decide whose connection it is without being part of the endpoint. The message
     *     contains scheme, host and port at most
     */
    public static Endpoint of(URI uri) {
        return EndpointText.of(uri);
    }

    /**
     * The endpoint written as {@code scheme://host:port}. The port may be left out if the scheme has a registered
     * default, for example 80 for {@code http}.
     *
     * @throws IllegalArgumentException if the text is anything else, for example with a path, a query or user
     *     information. The message contains scheme, host and port at most
     */
    public static Endpoint parse(String text) {
        return EndpointText.parse(text);
    }

    /**
     * The endpoint at a Unix-domain socket of this host. Its host is {@code localhost}, its port is 0.
     *
     * @param scheme the protocol that is spoken, as for any endpoint
     * @param socket the path; it is made absolute, without {@code .} and {@code ..}; links are not followed
     * @throws IllegalArgumentException if the scheme is not as described
     */
    public static Endpoint unix(String scheme, Path socket) {
        String path = socket.toAbsolutePath().normalize().toString();
        return create(scheme, "localhost").with(Part.PORT, 0).with(Part.SOCKET, path);
    }

    private static Endpoint create(String scheme, String host) {
        EnumMap<Part, Object> parts = new EnumMap<>(Part.class);
        parts.put(Part.SCHEME, EndpointSyntax.scheme(scheme));
        parts.put(Part.HOST, HostSyntax.host(host));
        Endpoint made = new Endpoint(parts);
        return made.schemeMeansTls() ? made.withTls() : made;
    }

    // ---- the other parts of the identity

    /** The same endpoint over TLS. Some schemes mean TLS by themselves: see {@link #tls}. */
    public Endpoint withTls() {
        return with(Part.TLS, true);
    }

    /**
     * The same endpoint over TLS, with another server name than the host. The name is sent to the peer (SNI, RFC 6066),
     * and the peer's certificate must match it.
     *
     * @throws IllegalArgumentException if it is not a host name or an IP address
     */
    public Endpoint withTls(String serverName) {
        String name = HostSyntax.withoutZone(HostSyntax.host(serverName));
        // A server name that equals the host changes nothing, so the endpoint stays the same.
        return withTls().with(Part.SERVER_NAME, name.equals(HostSyntax.withoutZone(host())) ? null : name);
    }

    /**
     * The same endpoint over TLS, with the TLS settings that the connector keeps under this name: the certificates that
     * it trusts, and its own certificate.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Endpoint withIdentity(String name) {
        return withTls().with(Part.IDENTITY, EndpointSyntax.name("identity", name));
    }

    /**
     * The same endpoint over TLS, where the peer is offered these protocols, the preferred one first (ALPN, RFC 7301).
     * With no protocols, the connector's settings decide.
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
     * The same endpoint through a proxy. The proxy looks up the endpoint's host name. The proxy is an endpoint too: it
     * may be reached over TLS or through another proxy.
     */
    public Endpoint withProxy(Endpoint proxy) {
        return with(Part.PROXY, Objects.requireNonNull(proxy, "proxy"));
    }

    /**
     * The same endpoint, which is a proxy, with the user and password that the connector keeps under this name.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Endpoint withCredentials(String name) {
        return with(Part.CREDENTIALS, EndpointSyntax.name("credentials", name));
    }

    /** The same endpoint, reached from this local address. */
    public Endpoint withLocalAddress(InetAddress address) {
        return with(Part.LOCAL_ADDRESS, HostSyntax.host(address.getHostAddress()));
    }

    /**
     * The same endpoint, for connections through which the program speaks to another endpoint, for example a tunnel
     * that the program itself asks the peer for.
     */
    public Endpoint withTarget(Endpoint target) {
        return with(Part.TARGET, Objects.requireNonNull(target, "target"));
    }

    /**
     * The same endpoint, for connections that belong to one owner. It is for connections on which a user has logged in,
     * so that the peer takes everything that is sent there as that user's. A connection keeps its owner: it is never
     * released as one that belongs to another owner or to none.
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
     * The host name or address, in lower case; an IPv6 address in full and without brackets, followed by {@code %} and
     * a zone if it is a link-local address with a zone (RFC 4007); {@code localhost} for a Unix-domain socket.
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
     * True if the scheme means TLS or a {@code with} method asks for it. A scheme means TLS if it is {@code tls},
     * {@code ssl} or the known name of a protocol over TLS, like {@code https}, {@code wss}, {@code rediss} or
     * {@code grpcs}, or if {@code +}, {@code -} or {@code .} separates such a word from the rest of it, as in
     * {@code nats+tls}. A connector may be told other schemes that mean TLS.
     */
    public boolean tls() {
        return parts.containsKey(Part.TLS);
    }

    /**
     * The name that the peer's certificate must match: the host, without the zone of an IPv6 address, or the server
     * name that was set.
     */
    public String serverName() {
        String name = text(Part.SERVER_NAME);
        return name == null ? HostSyntax.withoutZone(host()) : name;
    }

    /** The name of the TLS settings; null if the connector's own settings hold. */
    public @Nullable String identity() {
        return text(Part.IDENTITY);
    }

    /** The protocols that the peer is offered, the preferred one first; empty if the connector's settings decide. */
    @SuppressWarnings("unchecked") // only withProtocols sets it
    public List<String> protocols() {
        List<String> offered = (List<String>) parts.get(Part.PROTOCOLS);
        return offered == null ? List.of() : offered;
    }

    /** The proxy through which the endpoint is reached; null if there is none. */
    public @Nullable Endpoint proxy() {
        return (Endpoint) parts.get(Part.PROXY);
    }

    /** The name of the user and password for a proxy; null if there is none. */
    public @Nullable String credentials() {
        return text(Part.CREDENTIALS);
    }

    /** The local address from which the endpoint is reached; null if the connector decides. */
    public @Nullable InetAddress localAddress() {
        String address = text(Part.LOCAL_ADDRESS);
        try {
            return address == null ? null : InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the local address " + address + " is no more: " + e.getMessage(), e);
        }
    }

    /** The endpoint that the program speaks to through these connections; null if there is none. */
    public @Nullable Endpoint target() {
        return (Endpoint) parts.get(Part.TARGET);
    }

    /** The owner of the connections; null if they have none. */
    public @Nullable String owner() {
        return text(Part.OWNER);
    }

    private Object required(Part part) {
        return Objects.requireNonNull(parts.get(part));
    }

    private @Nullable String text(Part part) {
        return (String) parts.get(part);
    }

    /** The request for this endpoint without optional parts. */
    AcquireRequest plainRequest() {
        AcquireRequest made = plainRequest;
        if (made == null) {
            made = AcquireRequest.plain(this);
            plainRequest = made;
        }
        return made;
    }

    /** Computes the hash again, since hash codes of parts differ between JVMs. */
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
     * {@code scheme://host:port}, as {@link #parse} reads it, or {@code scheme:path} for a Unix-domain socket. The
     * other parts of the identity follow in brackets. Control and format characters in names are made visible.
     */
    @Override
    public String toString() {
        String address = host().indexOf(':') < 0 ? host() : '[' + host().replace("%", "%25") + ']';
        String base = unixSocketPath() == null
                ? scheme() + "://" + address + ':' + port()
                : scheme() + ':' + VisibleText.of(unixSocketPath().toString());
        List<String> more = new ArrayList<>();
        if (tls() && !schemeMeansTls()) {
            more.add("TLS");
        }
        for (Part part : Part.values()) {
            if (part.compareTo(Part.TLS) > 0 && parts.containsKey(part)) {
                more.add(part.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + shown(part));
            }
        }
        return more.isEmpty() ? base : base + '[' + String.join("; ", more) + ']';
    }

    private String shown(Part part) {
        Object value = required(part);
        return value instanceof String name ? VisibleText.of(name) : value.toString();
    }

    private boolean schemeMeansTls() {
        return WellKnownSchemes.meansTls(scheme());
    }
}
