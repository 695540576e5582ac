package dev.keepalive.netty;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a name server (RFC 1035, section 4), as much of it as a client needs that leaves the search to its name
 * server. Names are in lower case, without the last dot. Immutable.
 *
 * @param question the question that it answers; null if the server left it out
 * @param truncated true if more records did not fit
 * @param authoritative true if the server is one of the name's own
 * @param recursive true if the server looks names up in other servers
 * @param code the response code, 0 if there is no error
 * @param records the addresses and the aliases that it tells
 * @param endsHere true if the server says that the name, or its last alias, has no address of this family (RFC 2308,
 *     section 2.2)
 */
record DnsMessage(
        int id,
        @Nullable Question question,
        boolean truncated,
        boolean authoritative,
        boolean recursive,
        int code,
        List<DnsRecord> records,
        boolean endsHere) {
    static final int A = 1;
    static final int AAAA = 28;
    static final int NO_ERROR = 0;
    static final int NO_SUCH_NAME = 3;

    private static final int CNAME = 5;
    private static final int SOA = 6;
    private static final int INTERNET = 1;
    private static final int HEADER = 12;
    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;
    private static final int MAX_JUMPS = 64;
    private static final List<String> CODES =
            List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

    /** Which addresses of which name are asked for. */
    record Question(String name, int type) {
        Question {
            name = name.toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A record of the answer: an address of its name, or another name that it is an alias of.
     *
     * @param address the bytes of the address; null if it is an alias
     * @param alias the other name; null if it is an address
     */
    record DnsRecord(String name, long seconds, byte @Nullable [] address, @Nullable String alias) {}

    /** Whether a name can be asked for at all (RFC 1035, section 2.3.4). */
    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            return false;
        }
        for (String label : name.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > MAX_LABEL) {
                return false;
            }
        }
        return name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
    }

    /** The bytes of a query. */
    static byte[] query(int id, Question question) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int recursionDesired = 0x0100;
        for (int word : new int[] {id, recursionDesired, 1, 0, 0, 0}) {
            bytes.write(word >> 8);
            bytes.write(word);
        }
        for (String label : question.name.split("\\.")) {
            byte[] ascii = label.getBytes(StandardCharsets.US_ASCII);
            bytes.write(ascii.length);
            bytes.writeBytes(ascii);
        }
        bytes.writeBytes(new byte[] {0, 0, (byte) question.type, 0, INTERNET});
        return bytes.toByteArray();
    }

    /** Whether these bytes may be a message with this identifier, whatever else is wrong with them. */
    static boolean hasId(byte[] bytes, int id) {
        return bytes.length >= 2 && (ByteBuffer.wrap(bytes).getShort() & 0xffff) == id;
    }

    /**
     * Reads an answer.
     *
     * @throws IllegalArgumentException if it is not one
     */
    static DnsMessage parse(byte[] bytes) {
        try {
            return new Reader(ByteBuffer.wrap(bytes)).message();
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("it ends in the middle of a record", e);
        }
    }

    /** The name of the response code. */
    String codeName() {
        return code < CODES.size() ? CODES.get(code) : "code " + code;
    }

    private static final class Reader {
        private final ByteBuffer in;

        Reader(ByteBuffer in) {
            this.in = in;
        }

        DnsMessage message() {
            int id = word();
            int flags = word();
            int questions = word();
            int answers = word();
            int authorities = word();
            in.position(HEADER);
            if ((flags & 0x8000) == 0) {
                throw new IllegalArgumentException("it is a query");
            }
            boolean truncated = (flags & 0x0200) != 0;
            Question question = null;
            for (int i = 0; i < questions; i++) {
                question = new Question(name(), word());
                word();
            }
            List<DnsRecord> records = new ArrayList<>();
            boolean endsHere = false;
            try {
                for (int i = 0; i < answers; i++) {
                    addRecord(records, question);
                }
                for (int i = 0; i < authorities; i++) {
                    endsHere |= isStartOfAuthority();
                }
            } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
                if (!truncated) {
                    throw e;
                }
            }
            return new DnsMessage(
                    id,
                    question,
                    truncated,
                    (flags & 0x0400) != 0,
                    (flags & 0x0080) != 0,
                    flags & 0x000f,
                    List.copyOf(records),
                    endsHere);
        }

        private int word() {
            return in.getShort() & 0xffff;
        }

        private void addRecord(List<DnsRecord> records, @Nullable Question question) {
            String name = name();
            int type = word();
            int recordClass = word();
            // The highest bit must be 0 (RFC 2181, section 8).
            long seconds = Math.max(0, in.getInt());
            int length = word();
            int end = in.position() + length;
            if (recordClass == INTERNET && question != null) {
                if (type == CNAME) {
                    records.add(new DnsRecord(name, seconds, null, name()));
                } else if (type == question.type) {
                    records.add(new DnsRecord(name, seconds, address(type, length), null));
                }
            }
            moveTo(end);
        }

        private byte[] address(int type, int length) {
            if (length != (type == A ? 4 : 16)) {
                throw new IllegalArgumentException("an address in it has " + length + " bytes");
            }
            byte[] address = new byte[length];
            in.get(address);
            return address;
        }

        private boolean isStartOfAuthority() {
            name();
            int type = word();
            word();
            in.getInt();
            int length = word();
            moveTo(in.position() + length);
            return type == SOA;
        }

        private void moveTo(int position) {
            if (position > in.limit()) {
                throw new BufferUnderflowException();
            }
            in.position(position);
        }

        /** Reads a name, which may continue at an earlier place (RFC 1035, section 4.1.4). */
        private String name() {
            StringBuilder name = new StringBuilder();
            int jumps = 0;
            int end = -1;
            int length = in.get() & 0xff;
            while (length != 0) {
                if (length >= 0xc0) {
                    int target = (length & 0x3f) << 8 | in.get() & 0xff;
                    end = end < 0 ? in.position() : end;
                    if (++jumps > MAX_JUMPS || target >= in.limit()) {
                        throw new IllegalArgumentException("a name in it has no end");
                    }
                    in.position(target);
                } else {
                    addLabel(name, length);
                }
                length = in.get() & 0xff;
            }
            if (end >= 0) {
                in.position(end);
            }
            return name.toString();
        }

        private void addLabel(StringBuilder name, int length) {
            if (length > MAX_LABEL || name.length() + length > MAX_NAME) {
                throw new IllegalArgumentException("a name in it is too long");
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            for (int i = 0; i < length; i++) {
                int c = in.get() & 0xff;
                if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\') {
                    name.append('\\').append((char) ('0' + c / 100));
                    name.append((char) ('0' + c / 10 % 10)).append((char) ('0' + c % 10));
                } else {
                    name.append(Character.toLowerCase((char) c));
                }
            }
        }
    }
}
