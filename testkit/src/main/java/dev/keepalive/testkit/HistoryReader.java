package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.machine.HistoryWriter;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Rules;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.function.BiFunction;

/** Reads the numbers of a recorded history. Not safe for several threads. */
final class HistoryReader {
    private static final int MOST_GROUPS = 10;
    private static final int LONGEST_TEXT = 1 << 16;

    private final PushbackInputStream in;

    HistoryReader(InputStream in) throws IOException {
        this.in = new PushbackInputStream(in);
        long version = number();
        if (version != HistoryWriter.VERSION) {
            throw new IOException("not a recording of a version that is known: version " + version + ", known is "
                    + HistoryWriter.VERSION);
        }
    }

    Limits limits() throws IOException {
        return new Limits((int) number(), (int) number(), (int) number(), (int) number());
    }

    Rules rules() throws IOException {
        return new Rules(
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                number(),
                number() == 1,
                number());
    }

    Endpoint endpoint() throws IOException {
        try {
            return parts();
        } catch (IllegalArgumentException notAnEndpoint) {
            throw new IOException("not a recording: " + notAnEndpoint.getMessage(), notAnEndpoint);
        }
    }

    private Endpoint parts() throws IOException {
        String scheme = text();
        String host = text();
        int port = (int) number();
        String socket = text();
        Endpoint read = socket.isEmpty() ? Endpoint.of(scheme, host, port) : Endpoint.unix(scheme, Path.of(socket));
        boolean tls = number() == 1;
        String serverName = text();
        read = tls ? read.withTls(serverName) : read;
        read = with(read, text(), Endpoint::withIdentity);
        String[] protocols = new String[(int) number()];
        for (int i = 0; i < protocols.length; i++) {
            protocols[i] = text();
        }
        read = protocols.length == 0 ? read : read.withProtocols(protocols);
        read = number() == 0 ? read : read.withProxy(parts());
        read = with(read, text(), Endpoint::withCredentials);
        String local = text();
        read = local.isEmpty()
                ? read
                : read.withLocalAddress(InetAddress.getByName(local.substring(local.indexOf('/') + 1)));
        read = number() == 0 ? read : read.forEndpoint(parts());
        return with(read, text(), Endpoint::privateTo);
    }

    private static Endpoint with(Endpoint so, String part, BiFunction<Endpoint, String, Endpoint> with) {
        return part.isEmpty() ? so : with.apply(so, part);
    }

    /** True if the next entry is there. */
    boolean hasNext() throws IOException {
        int next = in.read();
        if (next >= 0) {
            in.unread(next);
        }
        return next >= 0;
    }

    /** Takes the next byte if it is the expected one. */
    boolean takes(int expected) throws IOException {
        int next = in.read();
        if (next >= 0 && next != expected) {
            in.unread(next);
        }
        return next == expected;
    }

    long number() throws IOException {
        long number = 0;
        for (int group = 0; group < MOST_GROUPS; group++) {
            int next = next();
            number |= (long) (next & 0x7F) << 7 * group;
            if (next < 0x80) {
                return number;
            }
        }
        throw new IOException("not a recording: a number of more than " + MOST_GROUPS + " bytes");
    }

    /** A number that may be negative. */
    long signed() throws IOException {
        long number = number();
        return number >>> 1 ^ -(number & 1);
    }

    private String text() throws IOException {
        long length = number();
        if (length < 0 || length > LONGEST_TEXT) {
            throw new IOException("not a recording: a text of " + length + " characters");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) number());
        }
        return text.toString();
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the recording ends in the midst of an entry");
        }
        return next;
    }
}
