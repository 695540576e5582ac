package dev.keepalive;

import java.util.Map;

/**
 * The state of a manager at one moment. For people and monitors, not for decisions. Immutable. Implemented by the
 * manager only; later versions may add methods. {@code toString} is a full dump: the manager and its limits, the
 * totals, and one line for each endpoint.
 */
public interface Snapshot {
    /** The manager's name. */
    String name();

    /** The limits of the manager at that moment. */
    Limits limits();

    /** The counts over all endpoints. */
    Counts all();

    /** The counts of each endpoint. Endpoints without connections and waiters are left out. */
    Map<Endpoint, Counts> endpoints();

    /** What the manager has done since it was built. */
    Totals totals();
}
