package dev.keepalive.netty;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The order in which the name servers are asked: that of the settings, but a server that has failed is asked last for
 * half a minute, or until it answers. Safe from any thread.
 */
final class NameServers {
    /** How long a server that has failed is asked last. */
    static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final List<InetSocketAddress> servers;
    private final boolean rotate;
    private final Map<InetSocketAddress, Long> failedAt = new HashMap<>();
    private int first;

    NameServers(ResolverSettings settings) {
        this.servers = settings.servers();
        this.rotate = settings.rotate();
    }

    /** All servers, in the order in which a lookup that begins now asks them. */
    synchronized List<InetSocketAddress> inOrder(long now) {
        List<InetSocketAddress> good = new ArrayList<>();
        List<InetSocketAddress> failed = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            InetSocketAddress server = servers.get((first + i) % servers.size());
            Long at = failedAt.get(server);
            (at == null || now - at >= LAST_NANOS ? good : failed).add(server);
        }
        if (rotate) {
            first = (first + 1) % servers.size();
        }
        failed.sort(Comparator.comparingLong(server -> failedAt.getOrDefault(server, now) - now));
        good.addAll(failed);
        return good;
    }

    synchronized void failed(InetSocketAddress server, long now) {
        failedAt.put(server, now);
    }

    synchronized void answered(InetSocketAddress server) {
        failedAt.remove(server);
    }
}
