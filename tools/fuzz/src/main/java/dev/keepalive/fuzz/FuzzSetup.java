package dev.keepalive.fuzz;

import dev.keepalive.Limits;
import dev.keepalive.machine.MachineConfig;
import java.util.SplittableRandom;

/**
 * The limits, times and numbers of a run. Times are small, so that many deadlines fall on the same moment.
 *
 * @param endpoints how many endpoints there are
 * @param sharing which of them have connections that take several leases
 * @param mostWaiting how many callers may wait before no further caller comes
 * @param start the time at the beginning
 */
record FuzzSetup(Limits limits, MachineConfig config, int endpoints, FuzzSharing sharing, int mostWaiting, long start) {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long[] DIAL = {3, 10, 40, 40, 200, 1000, NEVER};
    private static final long[] IDLE = {1, 5, 20, 100, 100, 1000, NEVER};
    private static final long[] LIFETIME = {NEVER, NEVER, 20, 100, 1000};
    private static final long[] HELD = {NEVER, 5, 30};
    private static final long[] BACK_OFF = {1, 2, 5};
    private static final long[] MOST_BACK_OFF = {5, 10, 40};
    private static final long[] GRACE = {2, 10, 50};
    private static final long[] SCARCITY = {1, 5, 30};
    private static final long[] PATIENCE = {1, 5, 20};
    private static final long[] YIELD_WINDOW = {1, 2, 5, 20, 100};
    private static final int[] YIELD_WINDOW_GROWS = {1, 2, 4, 64};
    private static final long[] LINGER_REPORT = {1, 5, 30, 200};
    private static final long[] LINGER_TIMEOUT = {NEVER, NEVER, 1, 20, 100};
    private static final long[] PATROL = {5, 50};
    private static final long[] START = {0, 0, 1_000_000_007L, 1_000_000_000_000_000L};
    private static final int[] UNPROVEN_PERCENT = {1, 25, 50, 50, 100};
    private static final int[] REMEMBERED = {0, 1, 2, 1000};
    private static final int[] CROWD = {4, 12, 30};
    private static final int UNLIMITED = Integer.MAX_VALUE;

    /** The setup of a seed. */
    static FuzzSetup of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom more = new SplittableRandom(~seed);
        SplittableRandom windows = new SplittableRandom(Long.rotateLeft(seed, 16));
        long yieldWindow = any(YIELD_WINDOW, windows);
        MachineConfig config = new MachineConfig(
                any(DIAL, random),
                any(IDLE, random),
                any(LIFETIME, random),
                any(HELD, random),
                any(BACK_OFF, random),
                any(MOST_BACK_OFF, random),
                any(GRACE, random),
                any(SCARCITY, random),
                any(PATIENCE, random),
                yieldWindow,
                yieldWindow * any(YIELD_WINDOW_GROWS, windows),
                any(LINGER_REPORT, windows),
                any(LINGER_TIMEOUT, windows),
                any(PATROL, random),
                any(UNPROVEN_PERCENT, more),
                any(REMEMBERED, more),
                random.nextInt(3) == 0,
                random.nextLong());
        int endpoints = 1 + random.nextInt(5);
        int crowd = any(CROWD, random);
        Limits limits = limits(random.nextLong());
        return new FuzzSetup(limits, config, endpoints, FuzzSharing.of(seed, endpoints), crowd, any(START, random));
    }

    /** The limits of a seed. */
    static Limits limits(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int maxOpen = 1 + random.nextInt(random.nextBoolean() ? 3 : 9);
        int maxOpenPerEndpoint = 1 + random.nextInt(random.nextBoolean() ? 2 : 6);
        int maxWaiting = random.nextInt(5) == 0 ? 1 + random.nextInt(6) : UNLIMITED;
        int maxDialling = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : UNLIMITED;
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaiting, maxDialling);
    }

    /** The same limits on connections, without limits on waiting and dialing. */
    Limits patientLimits() {
        return new Limits(limits.maxOpen(), limits.maxOpenPerEndpoint(), UNLIMITED, UNLIMITED);
    }

    private static int any(int[] values, SplittableRandom random) {
        return values[random.nextInt(values.length)];
    }

    private static long any(long[] values, SplittableRandom random) {
        return values[random.nextInt(values.length)];
    }
}
