package dev.keepalive;

import java.util.Map;

/**
 * What a manager holds at one moment: for people and monitors, not for decisions. Immutable. Implemented by the manager
 * only; later versions may add methods. {@code toString} gives the dump for an incident: the manager and its limits,
 * the totals, and a line for each endpoint.
 */
public interface Snapshot {
    /** The manager's name. */
    String name();

    /** The manager's limits now. */
    Limits limits();

    /** The counts over all endpoints. */
    Counts all();

    /** The counts by endpoint. An endpoint without connections and waiters is not in it. */
    Map<Endpoint, Counts> endpoints();

    /** What the manager has done since it was built. */
    Totals totals();
}
