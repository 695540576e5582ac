package dev.keepalive.soak;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One frame of a connection with streams: the number of the stream in four bytes, the kind in one, the length of the
 * text in two, the text, and a checksum of all that in four. Each lease has one stream, with the number of the lease.
 *
 * @param stream the number of the stream; 0 if the frame is about the connection
 * @param kind what it says
 * @param text what belongs to it, in ASCII
 */
record StreamFrame(int stream, Kind kind, String text) {
    private static final int HEADER = Integer.BYTES + Byte.BYTES + Short.BYTES;
    private static final int LONGEST_TEXT = 200;

    /** What a frame says. */
    enum Kind {
        /** Server: the connection takes so many streams from now on (text). */
        SETTINGS,
        /** Client: the oldest SETTINGS without one has been obeyed since this time (text, in nanoseconds). */
        ACK,
        /** Client: a request (text: its number, the number of its holder, the time before the acquire). */
        REQUEST,
        /** Server: the answer (text: a {@link ServerLine} without its line break). */
        ANSWER,
        /** Client: the lease has ended, and awaited nothing. */
        END,
        /** Client: the lease has ended, and awaited an answer, which is not wanted any more. */
        CANCEL,
        /** Server: nothing more comes after this CANCEL. */
        CANCELLED,
        /** Server: the stream is lost, and its request may have been processed. */
        RESET,
        /** Server: the stream is lost, and its request has not been processed and never will be. */
        REFUSED,
        /** Server: no new streams; of the present ones, those above this number have not been processed. */
        GO_AWAY
    }

    StreamFrame(int stream, Kind kind) {
        this(stream, kind, "");
    }

    byte[] bytes() {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer wire = ByteBuffer.allocate(HEADER + ascii.length + Integer.BYTES);
        wire.putInt(stream)
                .put((byte) kind.ordinal())
                .putShort((short) ascii.length)
                .put(ascii);
        return wire.putInt(checksum(wire.array(), 0, wire.position())).array();
    }

    /**
     * Reads the next frame, and moves on behind it.
     *
     * @return null if it has not arrived completely: then nothing is read
     * @throws IllegalArgumentException if this is no frame
     */
    static @Nullable StreamFrame read(ByteBuffer in) {
        if (in.remaining() < HEADER) {
            return null;
        }
        int length = in.getShort(in.position() + HEADER - Short.BYTES);
        if (length < 0 || length > LONGEST_TEXT) {
            throw new IllegalArgumentException("a frame with " + length + " bytes");
        }
        if (in.remaining() < HEADER + length + Integer.BYTES) {
            return null;
        }
        byte[] frame = new byte[HEADER + length];
        in.get(frame);
        int kind = frame[Integer.BYTES];
        if (in.getInt() != checksum(frame, 0, frame.length) || kind < 0 || kind >= Kind.values().length) {
            throw new IllegalArgumentException("a frame with a wrong checksum or of an unknown kind " + kind);
        }
        int stream = ByteBuffer.wrap(frame).getInt();
        String text = new String(frame, HEADER, length, StandardCharsets.US_ASCII);
        return new StreamFrame(stream, Kind.values()[kind], text);
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32 sum = new CRC32();
        sum.update(bytes, from, length);
        return (int) sum.getValue();
    }
}
