package dev.keepalive.machine.history;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Reads what a {@link NumberWriter} has written. Not safe for use by several threads. */
final class NumberReader {
    private static final int MOST_GROUPS = 10;
    private static final int LONGEST_TEXT = 1 << 16;

    private final PushbackInputStream in;

    NumberReader(InputStream in) {
        this.in = new PushbackInputStream(in);
    }

    /** True if this is not the end. */
    boolean hasNext() throws IOException {
        int next = in.read();
        if (next >= 0) {
            in.unread(next);
        }
        return next >= 0;
    }

    /**
     * Skips the next byte if it is the expected one.
     *
     * @return true if it was
     */
    boolean skipIf(int expected) throws IOException {
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
        throw new IOException("not a history: a number of more than " + MOST_GROUPS + " bytes");
    }

    /** A number that may be negative. */
    long signed() throws IOException {
        long number = number();
        return number >>> 1 ^ -(number & 1);
    }

    /**
     * A number within bounds.
     *
     * @param what what it is the number of, for the error
     * @throws IOException if it is out of bounds
     */
    long number(String what, long least, long most) throws IOException {
        long number = number();
        if (number < least || number > most) {
            throw new IOException(
                    "not a history: " + what + " " + number + " is not allowed: " + least + " to " + most);
        }
        return number;
    }

    boolean flag() throws IOException {
        return number("flag", 0, 1) == 1;
    }

    String text() throws IOException {
        long length = number("length of a text", 0, LONGEST_TEXT);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) number("character", Character.MIN_VALUE, Character.MAX_VALUE));
        }
        return text.toString();
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the history ends within an entry");
        }
        return next;
    }
}
