package dev.keepalive.machine;

import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a machine's history down in bytes, a handful per event: first the limits and rules, then entries. An entry is its kind and its numbers, each number in
 * groups of seven bits, least significant first; times are differences to the time before. Each event begins with a digest of the effects since the event
 * before, so that whoever replays a history knows at once if something else comes of it. Not safe for several threads.
 */
public final class HistoryWriter implements Journal {
    /** What the first byte of a history is: the version of the format. */
    public static final int VERSION = 3;

    /** The kind of the entry that defines an endpoint: its number, and all its parts. */
    public static final int ENDPOINT = 100;

    /** The kind of the entry that has the answer of a slot's wire; it follows the event in which it was asked. */
    public static final int SAID = 101;

    /** The kind of the entry that adds a number to the event that follows. */
    public static final int MORE = 102;

    private static final int FIRST_SIZE = 1024;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;
    private long time;
    private final EffectDigest digest = new EffectDigest();

    /** What wires have answered in the event that has begun, while it is not known what event it is. */
    private final List<Long> early = new ArrayList<>();

    private boolean begun;

    /** A history that begins with these limits and rules. */
    public HistoryWriter(Limits limits, Rules rules) {
        write(VERSION);
        write(limits.maxOpen());
        write(limits.maxOpenPerEndpoint());
        write(limits.maxWaiting());
        write(limits.maxDialling());
        write(rules.dialTimeout());
        write(rules.idleTimeout());
        write(rules.maxLifetime());
        write(rules.heldFor());
        write(rules.backOff());
        write(rules.maxBackOff());
        write(rules.grace());
        write(rules.scarcity());
        write(rules.patience());
        write(rules.patrol());
        write(rules.budgeted() ? 1 : 0);
        write(rules.seed());
    }

    /** How many bytes have been written and not been taken. */
    public int size() {
        return size;
    }

    /** Takes what has been written since the last time. */
    public byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        size = 0;
        return taken;
    }

    @Override
    public void endpoint(long number, Endpoint endpoint) {
        write(ENDPOINT);
        write(number);
        write(endpoint);
    }

    @Override
    public void begins() {
        begun = true;
    }

    @Override
    public void more(long number) {
        if (number != 0) {
            write(MORE);
            write(number);
        }
    }

    @Override
    public void event(Entry entry, long at, long subject, long detail) {
        write(entry.ordinal());
        write(digest.take());
        write(zigzag(at - time));
        write(subject);
        write(zigzag(detail));
        time = at;
        begun = false;
        early.forEach(this::said);
        early.clear();
    }

    @Override
    public void said(long answer) {
        if (begun) {
            early.add(answer);
        } else {
            write(SAID);
            write(zigzag(answer));
        }
    }

    @Override
    public void effect(Effect effect) {
        digest.add(effect);
    }

    /** Every part, what is not there as nothing: endpoints that differ in anything must not be taken for the same. */
    private void write(Endpoint endpoint) {
        write(endpoint.scheme());
        write(endpoint.host());
        write(endpoint.port());
        write(Objects.toString(endpoint.socket(), ""));
        write(endpoint.tls() ? 1 : 0);
        write(endpoint.serverName());
        write(Objects.toString(endpoint.identity(), ""));
        write(endpoint.protocols().size());
        endpoint.protocols().forEach(this::write);
        writeIfAny(endpoint.proxy());
        write(Objects.toString(endpoint.credentials(), ""));
        write(Objects.toString(endpoint.localAddress(), ""));
        writeIfAny(endpoint.target());
        write(Objects.toString(endpoint.owner(), ""));
    }

    private void writeIfAny(@Nullable Endpoint other) {
        write(other == null ? 0 : 1);
        if (other != null) {
            write(other);
        }
    }

    private void write(String text) {
        write(text.length());
        for (int i = 0; i < text.length(); i++) {
            write(text.charAt(i));
        }
    }

    private void write(long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            append((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        append((byte) rest);
    }

    private void append(byte each) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = each;
    }

    /** Small numbers in few groups, also negative ones. */
    private static long zigzag(long number) {
        return number << 1 ^ number >> Long.SIZE - 1;
    }
}
