package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the TLS sessions of endpoints apart. An engine looks a session up by the name and port of the peer. These alone
 * would resume a session that was made with another server name, with other protocols, through a proxy, or by a
 * connector that does not verify host names. So the engine gets a number in place of the port. No other endpoint has
 * this number, nor has the same endpoint in another connector. Safe from any thread.
 */
final class TlsSessionKeys {
    private static final int FIRST = 1 << 16;
    /**
     * The number of endpoints that are remembered. An endpoint that was dropped makes a full handshake the next time.
     */
    private static final int MAX_KEYS = 4096;

    /**
     * The last number that was assigned. One counter for all connectors, since they may share settings, and with them
     * sessions. After two billion numbers it starts again.
     */
    private static final AtomicInteger LAST = new AtomicInteger(FIRST - 1);

    private final Map<Endpoint, Integer> keys = new LruMap<>(MAX_KEYS);

    /**
     * The number that an engine gets as the port of this endpoint. It is greater than every port, so it cannot be a
     * real one.
     */
    synchronized int of(Endpoint endpoint) {
        return keys.computeIfAbsent(
                endpoint, unknown -> LAST.updateAndGet(last -> last == Integer.MAX_VALUE ? FIRST : last + 1));
    }
}
