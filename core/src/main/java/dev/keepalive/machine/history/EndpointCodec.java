package dev.keepalive.machine.history;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The format of an endpoint with all its parts. A part that is absent is written as an empty text or as false. Two
 * endpoints that differ in any part must be written differently. What is read may be anything, so every length and
 * every depth has a bound, and no name is looked up.
 */
final class EndpointCodec {
    /** How many endpoints may be in one another, as proxies and targets. */
    private static final int MOST_NESTED = 32;

    /** The protocols of a TLS handshake take at most 65,535 bytes, and each takes at least two (RFC 7301). */
    private static final int MOST_PROTOCOLS = 32_767;

    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");

    private EndpointCodec() {}

    static void write(NumberWriter out, Endpoint endpoint) {
        out.text(endpoint.scheme());
        out.text(endpoint.host());
        out.number(endpoint.port());
        out.text(Objects.toString(endpoint.unixSocketPath(), ""));
        out.flag(endpoint.tls());
        out.text(endpoint.serverName());
        out.text(Objects.toString(endpoint.identity(), ""));
        out.number(endpoint.protocols().size());
        endpoint.protocols().forEach(out::text);
        writeIfAny(out, endpoint.proxy());
        out.text(Objects.toString(endpoint.credentials(), ""));
        out.text(Objects.toString(endpoint.localAddress(), ""));
        writeIfAny(out, endpoint.target());
        out.text(Objects.toString(endpoint.owner(), ""));
    }

    private static void writeIfAny(NumberWriter out, @Nullable Endpoint other) {
        out.flag(other != null);
        if (other != null) {
            write(out, other);
        }
    }

    static Endpoint read(NumberReader in) throws IOException {
        try {
            return readParts(in, 1);
        } catch (IllegalArgumentException notAnEndpoint) {
            throw new IOException("not a history: " + notAnEndpoint.getMessage(), notAnEndpoint);
        }
    }

    private static Endpoint readParts(NumberReader in, int depth) throws IOException {
        if (depth > MOST_NESTED) {
            throw new IOException("not a history: more than " + MOST_NESTED + " endpoints in one another");
        }
        String scheme = in.text();
        String host = in.text();
        int port = (int) in.number("port", 0, 65_535);
        String socket = in.text();
        Endpoint read = socket.isEmpty() ? Endpoint.of(scheme, host, port) : Endpoint.unix(scheme, Path.of(socket));
        boolean tls = in.flag();
        String serverName = in.text();
        read = tls ? read.withTls(serverName) : read;
        read = with(read, in.text(), Endpoint::withIdentity);
        String[] protocols = protocols(in);
        read = protocols.length == 0 ? read : read.withProtocols(protocols);
        read = in.flag() ? read.withProxy(readParts(in, depth + 1)) : read;
        read = with(read, in.text(), Endpoint::withCredentials);
        String local = in.text();
        read = local.isEmpty() ? read : read.withLocalAddress(address(local.substring(local.indexOf('/') + 1)));
        read = in.flag() ? read.withTarget(readParts(in, depth + 1)) : read;
        return with(read, in.text(), Endpoint::withOwner);
    }

    private static String[] protocols(NumberReader in) throws IOException {
        long count = in.number("number of protocols", 0, MOST_PROTOCOLS);
        List<String> protocols = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            protocols.add(in.text());
        }
        return protocols.toArray(new String[0]);
    }

    /** The address that the text is in numbers. The brackets make the JDK read an IPv6 address without a lookup. */
    private static InetAddress address(String text) throws IOException {
        boolean ipv6 = text.indexOf(':') >= 0;
        if (!ipv6 && !IPV4.matcher(text).matches()) {
            throw new IOException("not a history: a local address that is not numeric");
        }
        try {
            return InetAddress.getByName(ipv6 ? '[' + text + ']' : text);
        } catch (UnknownHostException notAnAddress) {
            throw new IOException("not a history: a local address that this host cannot have", notAnAddress);
        }
    }

    private static Endpoint with(Endpoint endpoint, String part, BiFunction<Endpoint, String, Endpoint> with) {
        return part.isEmpty() ? endpoint : with.apply(endpoint, part);
    }
}
