package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.fuzz.FuzzViolation.Check;
import java.util.HashSet;
import java.util.Set;

/** The peer's view of a shared connection: which leases take a place on it, and how many it allows. */
final class SimulatedLeases {
    private int capacity;
    private final Set<Long> held = new HashSet<>();
    private final Set<Long> beingReset = new HashSet<>();

    /** Its leases that have ended could not be cleaned up: it takes no new ones. */
    private boolean unusable;

    SimulatedLeases(int capacity) {
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    void capacity(int leases) {
        capacity = leases;
    }

    /** True if no lease takes a place. */
    boolean isEmpty() {
        return held.isEmpty() && beingReset.isEmpty();
    }

    /** A lease begins. */
    void begin(long lease) {
        require(held.add(lease), Check.ENVIRONMENT, "a lease begins twice");
        require(
                held.size() + beingReset.size() <= capacity,
                Check.ENVIRONMENT,
                "more leases on a connection than its peer allows");
        require(!unusable, Check.ENVIRONMENT, "a lease begins on a connection that could not be cleaned up");
    }

    /**
     * A lease ends, unless it has ended.
     *
     * @return true if it had not
     */
    boolean end(long lease, boolean toReset) {
        boolean present = held.remove(lease);
        if (present && toReset) {
            beingReset.add(lease);
        }
        return present;
    }

    /**
     * The reset of a lease has ended.
     *
     * @return true if it was being reset
     */
    boolean reset(long lease) {
        return beingReset.remove(lease);
    }

    /** A lease could not be cleaned up, and the machine knows. */
    void becomeUnusable() {
        unusable = true;
    }
}
