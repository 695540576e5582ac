package dev.keepalive.netty;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The address family by which each host was last reached, for the hosts that were dialed last. The next dial begins
 * with it. Safe from any thread.
 */
final class AddressFamilyCache {
    private static final int MAX_HOSTS = 1_000;

    private final Map<String, Boolean> ipv6WonByHost = new LruMap<>(MAX_HOSTS);

    /** True if IPv6 won for this host, false if IPv4 did, null if nothing is known. */
    synchronized @Nullable Boolean ipv6Won(String host) {
        return ipv6WonByHost.get(host);
    }

    synchronized void recordWinner(String host, boolean ipv6) {
        ipv6WonByHost.put(host, ipv6);
    }
}
