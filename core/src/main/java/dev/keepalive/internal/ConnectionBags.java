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

    private final Map<Endpoint, ConnectionBag<C>> racks = new ConcurrentHashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"}) // nothing else is put into it
    private final @Nullable ConnectionBag<C>[] hints = new ConnectionBag[HINTS];

    /** How often connections that are gone had been borrowed. */
    private long borrowedBefore;

    @Nullable
    ConnectionBag<C> of(Endpoint endpoint) {
        ConnectionBag<C> hint = hints[place(endpoint)];
        return hint != null && hint.endpoint == endpoint && !hint.isEmpty() ? hint : find(endpoint);
    }

    private static int place(Endpoint endpoint) {
        return endpoint.hashCode() & HINTS - 1;
    }

    /** A hint that is good is left alone: of two endpoints with the same place, the first one keeps it. */
    private @Nullable ConnectionBag<C> find(Endpoint endpoint) {
        ConnectionBag<C> found = racks.get(endpoint);
        if (found != null) {
            ConnectionBag<C> hint = hints[place(endpoint)];
            if (hint == null || hint.isEmpty()) {
                hints[place(endpoint)] = found;
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
        ConnectionBag<C> bag = racks.computeIfAbsent(endpoint, ConnectionBag::new);
        bag.add(connection);
        return bag;
    }

    /** The link's connection is gone. */
    void removeForEver(PooledConnection<C> connection, ConnectionBag<C> bag) {
        borrowedBefore += connection.borrowed();
        remove(connection, bag);
    }

    private void remove(PooledConnection<C> connection, ConnectionBag<C> bag) {
        bag.remove(connection);
        if (bag.isEmpty()) {
            racks.remove(bag.endpoint);
            // Another thread may put the hint back just now: then it stays until another endpoint takes its place.
            if (hints[place(bag.endpoint)] == bag) {
                hints[place(bag.endpoint)] = null;
            }
        }
    }

    /** All connections that are in any rack. */
    List<PooledConnection<C>> links() {
        return racks.values().stream().flatMap(bag -> bag.links().stream()).toList();
    }

    /** Counts connections that are borrowed as leased, which the machine does not know. */
    Snapshot counted(ManagerSnapshot known) {
        Map<Endpoint, Counts> endpoints = new HashMap<>(known.endpoints());
        int lent = 0;
        long borrowed = borrowedBefore;
        for (ConnectionBag<C> bag : racks.values()) {
            int here = bag.lent();
            endpoints.computeIfPresent(bag.endpoint, (endpoint, counts) -> SlotCounts.withBorrowed(counts, here));
            lent += here;
            borrowed += bag.borrowed();
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
