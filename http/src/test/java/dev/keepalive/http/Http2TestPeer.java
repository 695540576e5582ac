package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The server's side of one connection with HTTP/2, frame by frame: it sends exactly what the test says. */
final class Http2TestPeer {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;

    static final int HEADER_TABLE_SIZE = 1;
    static final int MAX_CONCURRENT_STREAMS = 3;
    static final int INITIAL_WINDOW_SIZE = 4;

    private static final int HEAD = 9;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final ScriptedHttpServer.Connection connection;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private int splitAt;

    /** One frame of the client. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean is(int otherType) {
            return type == otherType;
        }

        boolean isLast() {
            return (flags & END_STREAM) != 0;
        }

        int number() {
            return ByteBuffer.wrap(payload).getInt();
        }

        String text() {
            return new String(payload, StandardCharsets.ISO_8859_1);
        }
    }

    /** Reads what a client begins with, and sends nothing. */
    Http2TestPeer(ScriptedHttpServer.Connection connection) throws IOException {
        this.connection = connection;
        String preface = connection.read(PREFACE.length());
        if (!preface.equals(PREFACE)) {
            throw new IOException("not the preface: " + preface);
        }
        Frame first = next();
        if (!first.is(SETTINGS)) {
            throw new IOException("not SETTINGS: " + first);
        }
    }

    /** The same, and then sends SETTINGS with these identifiers and values. */
    static Http2TestPeer greet(ScriptedHttpServer.Connection connection, int... settings) throws IOException {
        return new Http2TestPeer(connection).settings(settings).send(SETTINGS, ACK, 0);
    }

    /** From now on, everything is sent in two pieces, cut after so many bytes. */
    Http2TestPeer splitAt(int bytes) {
        splitAt = bytes;
        return this;
    }

    // ---- from the client

    /** The next frame, whatever it is. */
    Frame next() throws IOException {
        byte[] head = bytes(connection.read(HEAD));
        int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff;
        int stream = ByteBuffer.wrap(head, 5, 4).getInt();
        return new Frame(head[3], head[4], stream, bytes(connection.read(length)));
    }

    /** The next frame of this type; what comes before is dropped. PINGs are answered. */
    Frame await(int type) throws IOException {
        while (true) {
            Frame frame = next();
            if (frame.is(PING) && frame.flags() == 0 && type != PING) {
                send(PING, ACK, 0, frame.payload());
            } else if (frame.is(type)) {
                return frame;
            }
        }
    }

    /** Awaits HEADERS. @return the number of the stream */
    int awaitRequest() throws IOException {
        return await(HEADERS).stream();
    }

    /** Reads until the client ends the connection. */
    void awaitEnd() throws IOException {
        connection.readAll();
    }

    Http2Headers headersOf(Frame frame) throws Exception {
        ByteBuf block = Unpooled.wrappedBuffer(frame.payload());
        try {
            return decoder.decodeHeaders(frame.stream(), block);
        } finally {
            block.release();
        }
    }

    /** The body of a request, to its end; gives back no window. */
    String awaitBody() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            Frame data = await(DATA);
            body.append(data.text());
            if (data.isLast()) {
                return body.toString();
            }
        }
    }

    // ---- to the client

    Http2TestPeer send(int type, int flags, int stream, byte... payload) throws IOException {
        return raw(frame(type, flags, stream, payload));
    }

    Http2TestPeer raw(byte[] bytes) throws IOException {
        if (splitAt > 0 && splitAt < bytes.length) {
            connection.send(Arrays.copyOf(bytes, splitAt));
            connection.send(Arrays.copyOfRange(bytes, splitAt, bytes.length));
        } else {
            connection.send(bytes);
        }
        return this;
    }

    Http2TestPeer settings(int... identifiersAndValues) throws IOException {
        return send(SETTINGS, 0, 0, settingsPayload(identifiersAndValues));
    }

    static byte[] settingsPayload(int... identifiersAndValues) {
        ByteBuffer payload = ByteBuffer.allocate(identifiersAndValues.length * 3);
        for (int i = 0; i < identifiersAndValues.length; i += 2) {
            payload.putShort((short) identifiersAndValues[i]).putInt(identifiersAndValues[i + 1]);
        }
        return payload.array();
    }

    /** HEADERS in one frame. */
    Http2TestPeer headers(int stream, boolean last, String... namesAndValues) throws IOException {
        return send(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(namesAndValues));
    }

    Http2TestPeer data(int stream, boolean last, String text) throws IOException {
        return send(DATA, last ? END_STREAM : 0, stream, bytes(text));
    }

    /** A whole response with status 200. */
    Http2TestPeer respond(int stream, String body) throws IOException {
        return headers(stream, false, ":status", "200").data(stream, true, body);
    }

    Http2TestPeer reset(int stream, int error) throws IOException {
        return send(RST_STREAM, 0, stream, number(error));
    }

    Http2TestPeer goAway(int lastStream, int error, String debug) throws IOException {
        return send(GOAWAY, 0, 0, join(number(lastStream), number(error), bytes(debug)));
    }

    Http2TestPeer windowUpdate(int stream, int bytes) throws IOException {
        return send(WINDOW_UPDATE, 0, stream, number(bytes));
    }

    // ---- bytes

    static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(HEAD + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Fields as literals without indexing (RFC 7541, section 6.2.2). */
    static byte[] block(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            string(block, namesAndValues[i]);
            string(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            for (length -= 127; length >= 128; length >>= 7) {
                block.write(length & 127 | 128);
            }
            block.write(length);
        }
        block.writeBytes(bytes(text));
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
