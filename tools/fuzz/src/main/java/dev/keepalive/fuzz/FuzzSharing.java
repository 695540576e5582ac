package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which endpoints of a run have connections that take several leases, and what is said of them before one is open.
 *
 * @param kinds what the dials to each endpoint bring
 * @param declared how many leases a connection to each endpoint is declared to take; right or wrong
 * @param everlasting every so many leases of a shared connection is held until everything comes to rest; 0 for none
 */
record FuzzSharing(List<Kind> kinds, List<Integer> declared, int everlasting) {
    /** The most leases that a connection is said to take. */
    static final int MOST = 100;

    private static final int[] DECLARED = {1, 1, 2, 3, 10, MOST, 1000};

    /** What the dials to an endpoint bring. */
    enum Kind {
        /** Connections for one lease at a time. */
        EXCLUSIVE,
        /** Connections that take several leases. */
        SHARED,
        /** Both. */
        MIXED
    }

    /** Every second seed has nothing shared. */
    static FuzzSharing of(long seed, int endpoints) {
        SplittableRandom random = new SplittableRandom(Long.rotateLeft(seed, 32) + 1);
        boolean any = random.nextBoolean();
        List<Kind> kinds = new ArrayList<>();
        List<Integer> declared = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            int kind = any ? random.nextInt(8) : 0;
            kinds.add(kind == 0 ? Kind.EXCLUSIVE : kind < 6 ? Kind.SHARED : Kind.MIXED);
            declared.add(any ? DECLARED[random.nextInt(DECLARED.length)] : 1);
        }
        return new FuzzSharing(kinds, declared, any && random.nextInt(3) == 0 ? 2 + random.nextInt(9) : 0);
    }

    /** True if any endpoint has connections that take several leases. */
    boolean isAny() {
        return kinds.stream().anyMatch(kind -> kind != Kind.EXCLUSIVE);
    }

    Kind kind(String endpoint) {
        return kinds.get(endpoint.charAt(0) - 'a');
    }

    /** How many leases a connection to the endpoint is declared to take. */
    int declared(String endpoint) {
        return declared.get(endpoint.charAt(0) - 'a');
    }
}
