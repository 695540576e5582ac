package dev.keepalive.netty;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Over which family a host was last reached, for the hosts that were asked for last: so that the next dial begins with
 * it. Safe from any thread.
 */
final class AddressFamilyCache {
    private static final int MOST = 1_000;

    private final Map<String, Boolean> sixByHost = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST;
        }
    };

    /** True for IPv6, false for IPv4, null if nothing is known. */
    synchronized @Nullable Boolean sixWon(String host) {
        return sixByHost.get(host);
    }

    synchronized void won(String host, boolean six) {
        sixByHost.put(host, six);
    }
}
