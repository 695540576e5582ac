package dev.keepalive.http;

import dev.keepalive.Endpoint;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A set of endpoints that keeps those that were looked for last. A look takes no lock. Safe from any thread. */
final class EndpointSet {
    private final int most;
    private final Map<Endpoint, AtomicLong> lastUse = new ConcurrentHashMap<>();
    private final AtomicLong uses = new AtomicLong();

    /** @param most how many endpoints it keeps, about */
    EndpointSet(int most) {
        this.most = most;
    }

    boolean contains(Endpoint endpoint) {
        AtomicLong use = lastUse.get(endpoint);
        if (use == null) {
            return false;
        }
        use.lazySet(uses.incrementAndGet());
        return true;
    }

    void add(Endpoint endpoint) {
        if (!contains(endpoint)) {
            if (lastUse.size() >= most) {
                lastUse.entrySet().stream()
                        .min(Comparator.comparingLong(each -> each.getValue().get()))
                        .ifPresent(oldest -> lastUse.remove(oldest.getKey(), oldest.getValue()));
            }
            lastUse.put(endpoint, new AtomicLong(uses.incrementAndGet()));
        }
    }

    void remove(Endpoint endpoint) {
        if (!lastUse.isEmpty()) {
            lastUse.remove(endpoint);
        }
    }
}
