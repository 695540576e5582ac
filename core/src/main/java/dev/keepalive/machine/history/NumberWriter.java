package dev.keepalive.machine.history;

import java.util.Arrays;

/**
 * Writes numbers in groups of seven bits, the least significant group first, one byte each. {@link NumberReader} reads
 * them. Not safe for use by several threads.
 */
final class NumberWriter {
    private static final int FIRST_SIZE = 1024;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;

    /** How many bytes have been written and not yet taken. */
    int size() {
        return size;
    }

    /** Returns the bytes that were written since the last call. */
    byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        size = 0;
        return taken;
    }

    void number(long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            append((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        append((byte) rest);
    }

    /** Writes a number that may be negative. A small absolute value takes few groups too. */
    void signed(long number) {
        number(number << 1 ^ number >> Long.SIZE - 1);
    }

    void flag(boolean flag) {
        number(flag ? 1 : 0);
    }

    void text(String text) {
        number(text.length());
        for (int i = 0; i < text.length(); i++) {
            number(text.charAt(i));
        }
    }

    private void append(byte next) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = next;
    }
}
