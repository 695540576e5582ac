package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the TLS sessions of endpoints apart. An engine looks for a session to resume by the peer's name and port that
 * it was given; that alone would resume a session which was made with another server name, other protocols, through a
 * proxy, or by a connector that verifies nobody. So in the place of the port each endpoint has a number of its own,
 * which no other endpoint has, nor this one in another connector. Safe from any thread.
 */
final class TlsSessionKeys {
    private static final int FIRST = 1 << 16;
    /** So many endpoints are remembered; who is forgotten shakes hands in full the next time. */
    private static final int MAX_KEYS = 4096;

    /**
     * One for all connectors: they may share their settings, and with them the sessions. After two billion keys it
     * begins anew.
     */
    private static final AtomicInteger LAST = new AtomicInteger(FIRST - 1);

    /** Least recently used first. */
    private final Map<Endpoint, Integer> keys = new LinkedHashMap<>(16, 0.75f, true);

    /** What an engine is to take for the port of this endpoint: not a port, so that it is not taken for one. */
    synchronized int of(Endpoint endpoint) {
        Integer key = keys.computeIfAbsent(
                endpoint, unknown -> LAST.updateAndGet(last -> last == Integer.MAX_VALUE ? FIRST : last + 1));
        if (keys.size() > MAX_KEYS) {
            keys.remove(keys.keySet().iterator().next());
        }
        return key;
    }
}
