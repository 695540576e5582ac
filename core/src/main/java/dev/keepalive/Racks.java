package dev.keepalive;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The racks of all endpoints. A rack is there while there is anything in it. Looked up by any thread; changed by the
 * machine's events, one at a time.
 *
 * <p>A table of hints saves a hit the map: an endpoint's place in it follows from its hash. A hint counts if it is the
 * rack of this very endpoint object and has anything in it; all other endpoints go to the map. A rack that became empty
 * is never filled again, so such a hint is no hint. The table is written and read plainly, by any thread: a rack is
 * safe to find that way, see {@link Rack}. It keeps at most {@link #HINTS} racks from being garbage, which have nothing
 * in them but their endpoint.
 */
final class Racks<C> {
    /** A power of two. */
    private static final int HINTS = 256;

    private final Map<Endpoint, Rack<C>> racks = new ConcurrentHashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"}) // nothing else is put into it
    private final @Nullable Rack<C>[] hints = new Rack[HINTS];

    /** How often connections that are gone had been borrowed. */
    private long borrowedBefore;

    @Nullable
    Rack<C> of(Endpoint endpoint) {
        Rack<C> hint = hints[place(endpoint)];
        return hint != null && hint.endpoint == endpoint && !hint.isEmpty() ? hint : find(endpoint);
    }

    private static int place(Endpoint endpoint) {
        return endpoint.hashCode() & HINTS - 1;
    }

    /** A hint that is good is left alone: of two endpoints with the same place, the first one keeps it. */
    private @Nullable Rack<C> find(Endpoint endpoint) {
        Rack<C> found = racks.get(endpoint);
        if (found != null) {
            Rack<C> hint = hints[place(endpoint)];
            if (hint == null || hint.isEmpty()) {
                hints[place(endpoint)] = found;
            }
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
        Rack<C> rack = racks.computeIfAbsent(endpoint, Rack::new);
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
            // Another thread may put the hint back just now: then it stays until another endpoint takes its place.
            if (hints[place(rack.endpoint)] == rack) {
                hints[place(rack.endpoint)] = null;
            }
        }
    }

    /** All connections that are in any rack. */
    List<PooledLink<C>> links() {
        return racks.values().stream().flatMap(rack -> rack.links().stream()).toList();
    }

    /** Counts connections that are borrowed as leased, which the machine does not know. */
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
