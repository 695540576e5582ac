package dev.keepalive;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.keepalive.internal.SharedBudget;
import java.lang.management.ManagementFactory;

/**
 * A number of permits that several managers share. Each connection of each manager holds one permit, from before it is
 * dialed until it is closed. Reuse of an open connection needs no permit.
 *
 * <p>When all permits are in use, further permit requests wait, first come, first served over all managers. Meanwhile
 * the budget asks the managers for permits back, until no request waits. A manager first closes idle connections for
 * it. If that is not enough for some time, it also closes connections that are released next.
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
     * A budget of this many connections.
     *
     * @throws IllegalArgumentException if {@code permits} is less than 1
     */
    public static Budget of(int permits) {
        return new Budget(OptionChecks.positive("permits", permits), "budget " + permits);
    }

    /**
     * A budget of as many connections as this process may have file descriptors, less a reserve. The reserve is for
     * everything else that needs a descriptor: files, listening sockets, connections outside the budget, and two for
     * each dial that may be under way at a time, since a dial may try three addresses at once.
     *
     * @throws IllegalArgumentException if the reserve is negative or leaves nothing
     * @throws UnsupportedOperationException if the system does not tell how many descriptors a process may have
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

    /** How many file descriptors this process may have open. */
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

    /** How many connections the budget allows in all. */
    public int permits() {
        return shared.permits();
    }

    /**
     * How many permits are in use at this moment. For monitoring: the number may have changed when the call returns.
     */
    public int inUse() {
        return shared.inUse();
    }

    /**
     * How many permit requests wait at this moment. For monitoring: the number may have changed when the call returns.
     */
    public int waiting() {
        return shared.waiting();
    }

    /** For example {@code budget 100}. */
    @Override
    public String toString() {
        return name;
    }

    /** The part of the budget that managers work with. */
    SharedBudget shared() {
        return shared;
    }
}
