package dev.keepalive.netty;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The answers of name servers for one address family, each for its time to live, but for ten minutes at most. That a
 * name has no address is kept for a few seconds. That a server failed is not kept. Of many names, those that were used
 * last are kept. Safe from any thread.
 */
final class DnsCache {
    /** The most names that are kept. */
    static final int MAX_NAMES = 4_096;

    /**
     * The longest time for which an answer is kept, so that a name that has moved is found again, whatever its old name
     * server said.
     */
    private static final long MAX_SECONDS = 600;

    /** The time for which a missing name is kept. Much less than RFC 2308 allows, so that a new name is found soon. */
    private static final long NEGATIVE_SECONDS = 5;

    private final Map<String, Entry> entries = new LruMap<>(MAX_NAMES);

    /** The addresses of a name; empty if it is known to have none; null if nothing is known. */
    synchronized @Nullable List<InetAddress> get(String host, long now) {
        Entry entry = entries.get(host);
        if (entry == null) {
            return null;
        }
        if (now - entry.end >= 0) {
            entries.remove(host);
            return null;
        }
        return entry.addresses;
    }

    /** Keeps the addresses of a name for so many seconds. */
    synchronized void put(String host, List<InetAddress> addresses, long seconds, long now) {
        long end = now + TimeUnit.SECONDS.toNanos(Math.min(seconds, MAX_SECONDS));
        entries.put(host, new Entry(List.copyOf(addresses), end));
    }

    /** Keeps that a name has no address. */
    void putMissing(String host, long now) {
        put(host, List.of(), NEGATIVE_SECONDS, now);
    }

    private record Entry(List<InetAddress> addresses, long end) {}
}
