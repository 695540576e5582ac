package dev.keepalive;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The racks of all endpoints. A rack is there while there is anything in it. Looked up by any thread; changed by the machine's events, one at a time. */
final class Racks<C> {
    private final Map<Endpoint, Rack<C>> racks = new ConcurrentHashMap<>();

    /** Stands for this in the racks. */
    private final Object owner = new Object();

    /** How often somebody had helped himself to connections that are gone. */
    private long borrowedBefore;

    @Nullable
    @SuppressWarnings("unchecked") // what is owned by this holds what this was given
    Rack<C> of(Endpoint endpoint) {
        Rack<?> hint = endpoint.rack;
        return hint != null && hint.isOf(owner) ? (Rack<C>) hint : find(endpoint, hint);
    }

    private @Nullable Rack<C> find(Endpoint endpoint, @Nullable Rack<?> hint) {
        Rack<C> found = racks.get(endpoint);
        if (found != null && (hint == null || hint.isEmpty())) {
            endpoint.rack = found;
        }
        return found;
    }

    /** The rack of what the link leads to now, with the link in it, and the link in no other one. */
    Rack<C> put(PooledLink<C> link, @Nullable Rack<C> before) {
        Endpoint endpoint = link.endpoint();
        if (before != null && before.endpoint.equals(endpoint)) {
            return before;
        }
        if (before != null) {
            remove(link, before);
        }
        Rack<C> rack = racks.computeIfAbsent(endpoint, made -> new Rack<>(made, owner));
        rack.add(link);
        return rack;
    }

    /** The link's connection is gone. */
    void removeForEver(PooledLink<C> link, Rack<C> rack) {
        borrowedBefore += link.borrowed();
        remove(link, rack);
    }

    private void remove(PooledLink<C> link, Rack<C> rack) {
        rack.remove(link);
        if (rack.isEmpty()) {
            racks.remove(rack.endpoint);
        }
    }

    /** Counts those who have helped themselves as what they are, which the machine does not know. */
    Snapshot counted(Snapshot known) {
        Map<Endpoint, Counts> endpoints = new HashMap<>(known.endpoints());
        int lent = 0;
        long borrowed = borrowedBefore;
        for (Rack<C> rack : racks.values()) {
            int here = rack.lent();
            endpoints.computeIfPresent(rack.endpoint, (endpoint, counts) -> counts.withLent(here));
            lent += here;
            borrowed += rack.borrowed();
        }
        Totals totals = known.totals().withBorrowed(borrowed);
        return new Snapshot(known.name(), known.limits(), known.all().withLent(lent), endpoints, totals);
    }
}
