package dev.keepalive.internal;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import dev.keepalive.machine.EventTotals;
import dev.keepalive.machine.SlotCounts;
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
 * safe to find that way, see {@link ConnectionBag}. It keeps at most {@link #HINTS} racks from being garbage, which
 * have nothing in them but their endpoint.
 */
final class ConnectionBags<C> {
    /** A power of two. */
    private static final int HINTS = 256;

    private final Map<Endpoint, ConnectionBag<C>> bags = new ConcurrentHashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"}) // nothing else is put into it
    private final @Nullable ConnectionBag<C>[] hints = new ConnectionBag[HINTS];

    /** How often connections that are gone had been borrowed. */
    private long borrowCountOfGone;

    @Nullable
    ConnectionBag<C> find(Endpoint endpoint) {
        ConnectionBag<C> hint = hints[hintIndex(endpoint)];
        return hint != null && hint.endpoint == endpoint && !hint.isEmpty() ? hint : lookUp(endpoint);
    }

    private static int hintIndex(Endpoint endpoint) {
        return endpoint.hashCode() & HINTS - 1;
    }

    /** A hint that is good is left alone: of two endpoints with the same place, the first one keeps it. */
    private @Nullable ConnectionBag<C> lookUp(Endpoint endpoint) {
        ConnectionBag<C> found = bags.get(endpoint);
        if (found != null) {
            ConnectionBag<C> hint = hints[hintIndex(endpoint)];
            if (hint == null || hint.isEmpty()) {
                hints[hintIndex(endpoint)] = found;
            }
        }
        return found;
    }

    /** The rack of what the link leads to now, with the link in it, and the link in no other one. */
    ConnectionBag<C> put(PooledConnection<C> connection, @Nullable ConnectionBag<C> before) {
        Endpoint endpoint = connection.endpoint();
        if (before != null && before.endpoint.equals(endpoint)) {
            return before;
        }
        if (before != null) {
            remove(connection, before);
        }
        ConnectionBag<C> bag = bags.computeIfAbsent(endpoint, ConnectionBag::new);
        bag.add(connection);
        return bag;
    }

    /** The link's connection is gone. */
    void removeGone(PooledConnection<C> connection, ConnectionBag<C> bag) {
        borrowCountOfGone += connection.borrowCount();
        remove(connection, bag);
    }

    private void remove(PooledConnection<C> connection, ConnectionBag<C> bag) {
        bag.remove(connection);
        if (bag.isEmpty()) {
            bags.remove(bag.endpoint);
            // Another thread may put the hint back just now: then it stays until another endpoint takes its place.
            if (hints[hintIndex(bag.endpoint)] == bag) {
                hints[hintIndex(bag.endpoint)] = null;
            }
        }
    }

    /** All connections that are in any rack. */
    List<PooledConnection<C>> connections() {
        return bags.values().stream().flatMap(bag -> bag.connections().stream()).toList();
    }

    /** Counts connections that are borrowed as leased, which the machine does not know. */
    Snapshot withBorrowed(ManagerSnapshot known) {
        Map<Endpoint, Counts> endpoints = new HashMap<>(known.endpoints());
        int lent = 0;
        long borrowed = borrowCountOfGone;
        for (ConnectionBag<C> bag : bags.values()) {
            int here = bag.borrowedNow();
            endpoints.computeIfPresent(bag.endpoint, (endpoint, counts) -> SlotCounts.withBorrowed(counts, here));
            lent += here;
            borrowed += bag.borrowCount();
        }
        Totals totals = EventTotals.withBorrowed(known.totals(), borrowed);
        return new ManagerSnapshot(
                known.name(),
                known.limits(),
                known.settings(),
                SlotCounts.withBorrowed(known.all(), lent),
                endpoints,
                totals);
    }
}
