package dev.keepalive.fuzz;

import dev.keepalive.fuzz.FuzzOperation.Kind;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Generates the operations of a seed. Each seed draws its own weights: some kinds never happen in it, some happen
 * often. So crowds, failing peers, slow connectors and races each get runs of their own.
 */
final class OperationGenerator {
    private static final int MOST = 1 << 16;
    private static final int LAST = 200;
    private static final Map<Kind, Integer> USUAL = new EnumMap<>(Map.ofEntries(
            Map.entry(Kind.ACQUIRE, 14),
            Map.entry(Kind.ACQUIRE_FRESH, 3),
            Map.entry(Kind.TRY_ACQUIRE, 1),
            Map.entry(Kind.CANCEL, 2),
            Map.entry(Kind.PERFORM, 60),
            Map.entry(Kind.PERMIT_ANSWER, 14),
            Map.entry(Kind.DIAL_ANSWER, 20),
            Map.entry(Kind.RESET_ANSWER, 5),
            Map.entry(Kind.BORROW, 24),
            Map.entry(Kind.RELEASE, 20),
            Map.entry(Kind.RELEASE_AS, 2),
            Map.entry(Kind.CLEAN_UP_ANSWER, 8),
            Map.entry(Kind.REPORT_RELEASE, 12),
            Map.entry(Kind.RELEASE_AGAIN, 1),
            Map.entry(Kind.CLOSE_ANSWER, 10),
            Map.entry(Kind.PEER_ENDS, 1),
            Map.entry(Kind.MAKE_UNUSABLE, 1),
            Map.entry(Kind.PASS_TIME, 8),
            Map.entry(Kind.ALARM, 1),
            Map.entry(Kind.TICK, 1),
            Map.entry(Kind.CONFIGURE, 1),
            Map.entry(Kind.RETIRE, 1),
            Map.entry(Kind.RETIRE_ONE, 1),
            Map.entry(Kind.BUDGET_DEBT, 1)));

    /** In seeds with shared connections. */
    private static final Map<Kind, Integer> SHARING = new EnumMap<>(Map.ofEntries(
            Map.entry(Kind.CAPACITY, 3), Map.entry(Kind.LEASE_RESET_ANSWER, 12), Map.entry(Kind.RENEW, 12)));

    private static final int[] MOST_LEASES = {1, 2, 3, 3, 8, FuzzSharing.MOST};

    private final SplittableRandom random;

    /** For what concerns shared connections. */
    private final SplittableRandom sharing;

    private final boolean isAnyShared;
    private final int mostLeases;
    private final int[] weights = new int[Kind.values().length];
    private final int total;
    private final int dialsSucceed;
    private final int inOrder;

    private OperationGenerator(long seed) {
        random = new SplittableRandom(seed).split();
        sharing = new SplittableRandom(~seed).split();
        isAnyShared = FuzzSetup.of(seed).sharing().isAny();
        mostLeases = MOST_LEASES[sharing.nextInt(MOST_LEASES.length)];
        weigh(USUAL, random);
        if (isAnyShared) {
            weigh(SHARING, sharing);
        }
        total = Arrays.stream(weights).sum();
        dialsSucceed = new int[] {100, 95, 90, 75, 30}[random.nextInt(5)];
        inOrder = new int[] {100, 80, 30, 0}[random.nextInt(4)];
    }

    private void weigh(Map<Kind, Integer> kinds, SplittableRandom from) {
        for (Map.Entry<Kind, Integer> usual : kinds.entrySet()) {
            int factor = from.nextInt(10);
            int weight = 4 * usual.getValue();
            weights[usual.getKey().ordinal()] = factor == 0 && mayBeMissing(usual.getKey())
                    ? 0
                    : factor < 3 ? weight / 4 : factor > 7 ? weight * 4 : weight;
        }
    }

    private static boolean mayBeMissing(Kind kind) {
        return kind != Kind.ACQUIRE && kind != Kind.PERFORM && kind != Kind.PASS_TIME;
    }

    /**
     * Generates {@code count} operations. A longer list of the same seed begins with the same operations, except for
     * the drain or shutdown near the end.
     */
    static List<FuzzOperation> operations(long seed, int count) {
        OperationGenerator generator = new OperationGenerator(seed);
        List<FuzzOperation> operations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            operations.add(generator.next());
        }
        // Every third run is drained or shut down near its end.
        if (generator.percent(33)) {
            int end = Math.max(0, count - 1 - generator.random.nextInt(LAST));
            operations.set(end, generator.operation(generator.percent(30) ? Kind.SHUTDOWN : Kind.DRAIN));
        }
        return operations;
    }

    private FuzzOperation next() {
        int left = random.nextInt(total);
        int kind = 0;
        while (left >= weights[kind]) {
            left -= weights[kind++];
        }
        return operation(Kind.values()[kind]);
    }

    private FuzzOperation operation(Kind kind) {
        int which = random.nextInt(MOST);
        long value =
                switch (kind) {
                    case ACQUIRE, ACQUIRE_FRESH -> timeout();
                    case CANCEL -> percent(10) ? 1 : 0;
                    case PERMIT_ANSWER -> percent(85) ? 1 : 0;
                    case DIAL_ANSWER -> (percent(dialsSucceed) ? 1 : percent(25) ? 2 : 0) + 4L * leasesOfNew();
                    case CAPACITY -> sharing.nextInt(4) == 0 ? 0 : sharing.nextInt(mostLeases + 2);
                    case LEASE_RESET_ANSWER -> (sharing.nextInt(5) > 0 ? 1 : 0) + (sharing.nextInt(10) == 0 ? 2 : 0);
                    case RESET_ANSWER -> percent(80) ? 1 : 0;
                    case BORROW -> percent(10) ? 1 : 0;
                    case CLEAN_UP_ANSWER -> percent(60) ? 0 : random.nextInt(4);
                    case RELEASE, RELEASE_AGAIN -> giving().ordinal();
                    case PEER_ENDS -> random.nextInt(10) == 0 ? 2 + random.nextInt(2) : random.nextInt(2);
                    case MAKE_UNUSABLE -> random.nextInt(4);
                    case PASS_TIME -> step();
                    case RELEASE_AS -> random.nextInt(MOST);
                    case CONFIGURE -> random.nextInt(MOST);
                    case RETIRE -> percent(20) ? 1 : 0;
                    case BUDGET_DEBT -> percent(50) ? 0 : random.nextInt(5);
                    case DRAIN -> percent(30) ? -1 : random.nextInt(percent(50) ? 20 : 500);
                    case RENEW, TRY_ACQUIRE, RETIRE_ONE, PERFORM, REPORT_RELEASE, CLOSE_ANSWER, ALARM, TICK, SHUTDOWN ->
                        0;
                };
        return new FuzzOperation(kind, kind == Kind.PERFORM && percent(inOrder) ? 0 : which, value);
    }

    private int leasesOfNew() {
        if (!isAnyShared) {
            return 0;
        }
        return sharing.nextInt(3) == 0 ? sharing.nextInt(mostLeases + 1) : mostLeases;
    }

    private boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    private long timeout() {
        int kind = random.nextInt(20);
        if (kind < 14) {
            return -1;
        }
        return kind == 19 ? 0 : random.nextInt(kind < 16 ? 6 : 100);
    }

    private ReleaseKind giving() {
        int kind = random.nextInt(16);
        return switch (kind) {
            case 0 -> ReleaseKind.NOT_REUSABLE;
            case 1 -> ReleaseKind.INVALIDATED;
            case 2 -> ReleaseKind.LEAKED;
            case 3, 4, 5, 6 -> ReleaseKind.RESET;
            default -> ReleaseKind.REUSE;
        };
    }

    private long step() {
        int kind = random.nextInt(100);
        if (kind < 92) {
            return random.nextInt(kind < 80 ? 2 : 6);
        }
        return kind < 94 ? -random.nextInt(6) : random.nextInt(random.nextInt(30) == 0 ? 2000 : 40);
    }
}
