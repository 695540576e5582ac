package dev.keepalive.machine.history;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The format of an endpoint with all its parts. A part that is absent is written as an empty text or as false. Two
 * endpoints that differ in any part must be written differently.
 */
final class EndpointCodec {
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
            return readParts(in);
        } catch (IllegalArgumentException notAnEndpoint) {
            throw new IOException("not a history: " + notAnEndpoint.getMessage(), notAnEndpoint);
        }
    }

    private static Endpoint readParts(NumberReader in) throws IOException {
        String scheme = in.text();
        String host = in.text();
        int port = (int) in.number();
        String socket = in.text();
        Endpoint read = socket.isEmpty() ? Endpoint.of(scheme, host, port) : Endpoint.unix(scheme, Path.of(socket));
        boolean tls = in.flag();
        String serverName = in.text();
        read = tls ? read.withTls(serverName) : read;
        read = with(read, in.text(), Endpoint::withIdentity);
        String[] protocols = new String[(int) in.number()];
        for (int i = 0; i < protocols.length; i++) {
            protocols[i] = in.text();
        }
        read = protocols.length == 0 ? read : read.withProtocols(protocols);
        read = in.flag() ? read.withProxy(readParts(in)) : read;
        read = with(read, in.text(), Endpoint::withCredentials);
        String local = in.text();
        read = local.isEmpty()
                ? read
                : read.withLocalAddress(InetAddress.getByName(local.substring(local.indexOf('/') + 1)));
        read = in.flag() ? read.withTarget(readParts(in)) : read;
        return with(read, in.text(), Endpoint::withOwner);
    }

    private static Endpoint with(Endpoint endpoint, String part, BiFunction<Endpoint, String, Endpoint> with) {
        return part.isEmpty() ? endpoint : with.apply(endpoint, part);
    }
}
