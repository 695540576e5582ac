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
 * The bags of all endpoints. There is no empty bag. Any thread looks a bag up; bags are changed under the machine's
 * lock, one event at a time.
 *
 * <p>A table of hints saves a hit the look-up in the map: an endpoint's place in it follows from its hash. A hint is
 * used if it is the bag of this very endpoint object and is not empty; else the map is used. A bag that became empty is
 * never filled again, so its hint is not used any more. Any thread writes and reads the table plainly: a bag may be
 * found that way, see {@link ConnectionBag}. The table keeps at most {@link #HINTS} empty bags from being garbage, and
 * each of them refers to nothing but its endpoint.
 */
final class ConnectionBags<C> {
    /** A power of two. */
    private static final int HINTS = 256;

    private final Map<Endpoint, ConnectionBag<C>> bags = new ConcurrentHashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"}) // nothing else is put into it
    private final @Nullable ConnectionBag<C>[] hints = new ConnectionBag[HINTS];

    /**
     * True as soon as a connection was opened that takes several leases: the machine alone knows where there is room.
     */
    private volatile boolean hasShared;

    /** How often the connections that are gone were borrowed. Under the machine's lock. */
    private long borrowCountOfGone;

    /** The bag of an endpoint; null if none of its connections can be borrowed. */
    @Nullable
    ConnectionBag<C> find(Endpoint endpoint) {
        ConnectionBag<C> hint = hints[hintIndex(endpoint)];
        return hint != null && hint.endpoint == endpoint && !hint.isEmpty() ? hint : lookUp(endpoint);
    }

    /** False if no connection to the endpoint is idle, or has room for one more lease. */
    boolean mayHaveRoom(Endpoint endpoint) {
        ConnectionBag<C> bag = find(endpoint);
        return bag != null && bag.mayHaveIdle() || hasShared;
    }

    /** Called before the machine is told of a connection that takes several leases. No bag gets it. */
    void sharedOpened() {
        hasShared = true;
    }

    private static int hintIndex(Endpoint endpoint) {
        return endpoint.hashCode() & HINTS - 1;
    }

    /** Stores a hint if there is no useful one: of two endpoints with the same place, the first one keeps it. */
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

    /**
     * Puts a connection into the bag of its present endpoint, and removes it from the bag before.
     *
     * @param before the bag that it is in, or null
     * @return the bag that it is in now
     */
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

    /** Removes a connection that is dead. */
    void removeGone(PooledConnection<C> connection, ConnectionBag<C> bag) {
        borrowCountOfGone += connection.borrowCount();
        remove(connection, bag);
    }

    private void remove(PooledConnection<C> connection, ConnectionBag<C> bag) {
        bag.remove(connection);
        if (bag.isEmpty()) {
            bags.remove(bag.endpoint);
            // Another thread may store the hint again just now: then it stays until another endpoint takes its place.
            if (hints[hintIndex(bag.endpoint)] == bag) {
                hints[hintIndex(bag.endpoint)] = null;
            }
        }
    }

    /** The connections of all bags. */
    List<PooledConnection<C>> connections() {
        return bags.values().stream().flatMap(bag -> bag.connections().stream()).toList();
    }

    /** The snapshot with borrowed connections counted as leased: to the machine they are idle. */
    Snapshot withBorrowed(ManagerSnapshot known) {
        Map<Endpoint, Counts> endpoints = new HashMap<>(known.endpoints());
        int borrowedNow = 0;
        long borrowCount = borrowCountOfGone;
        for (ConnectionBag<C> bag : bags.values()) {
            int ofBag = bag.borrowedNow();
            endpoints.computeIfPresent(bag.endpoint, (endpoint, counts) -> SlotCounts.withBorrowed(counts, ofBag));
            borrowedNow += ofBag;
            borrowCount += bag.borrowCount();
        }
        Totals totals = EventTotals.withBorrowed(known.totals(), borrowCount);
        return new ManagerSnapshot(
                known.name(),
                known.limits(),
                known.settings(),
                SlotCounts.withBorrowed(known.all(), borrowedNow),
                endpoints,
                totals);
    }
}
