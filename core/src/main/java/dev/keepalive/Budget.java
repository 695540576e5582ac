package dev.keepalive;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.keepalive.internal.SharedBudget;
import java.lang.management.ManagementFactory;

/**
 * A number of connections that several managers share: each connection of any of them holds one permit, from before it
 * is dialled until it is closed. When all permits are out, those who ask wait in line, over all managers, first come
 * first served; the managers are asked to give up what they hold idle, and, if that is not enough for some time, what
 * is released to them next, until nobody waits any more. Reuse needs no permit and costs nothing.
 *
 * <p>Safe from any thread; never blocks. A manager leaves the budget when it is {@linkplain ConnectionManager#closed
 * closed}.
 */
public final class Budget {
    private final SharedBudget shared;
    private final String name;

    private Budget(int permits, String name) {
        this.shared = new SharedBudget(permits);
        this.name = name;
    }

    /**
     * A budget of so many connections.
     *
     * @throws IllegalArgumentException if that is less than 1
     */
    public static Budget of(int permits) {
        return new Budget(OptionChecks.positive("permits", permits), "budget " + permits);
    }

    /**
     * A budget of as many connections as this process may have descriptors, less a reserve for everything else that
     * needs one: files, listening sockets, the connections of others.
     *
     * @throws IllegalArgumentException if the reserve is negative or leaves nothing
     * @throws UnsupportedOperationException if this system does not tell how many descriptors a process may have
     */
    public static Budget ofDescriptors(int reserve) {
        int limit = descriptors();
        if (reserve < 0 || reserve >= limit) {
            throw new IllegalArgumentException(
                    "reserve " + reserve + " is not allowed: 0 to " + (limit - 1) + " of " + limit + " descriptors");
        }
        int permits = limit - reserve;
        return new Budget(permits, "budget " + permits + " of " + limit + " descriptors");
    }

    /** How many descriptors this process may have open. */
    private static int descriptors() {
        try {
            if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
                return (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount());
            }
        } catch (NoClassDefFoundError absent) {
            // a runtime without the module jdk.management
        }
        throw new UnsupportedOperationException("this system does not tell how many descriptors a process may have");
    }

    /** How many connections it allows in all. */
    public int permits() {
        return shared.permits();
    }

    /** How many permits are out. A photograph, not for decisions. */
    public int inUse() {
        return shared.inUse();
    }

    /** How many connections wait for a permit. A photograph, not for decisions. */
    public int waiting() {
        return shared.waiting();
    }

    /** For example {@code budget 100}. */
    @Override
    public String toString() {
        return name;
    }

    /** The part of it that managers work with. */
    SharedBudget shared() {
        return shared;
    }
}
