package dev.keepalive.soak;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Chooses the next fault from a seed, and counts the faults. Used only by the thread of the chaos server. */
class FaultChooser {
    private static final int SCALE = 1000;

    /** Faults per thousand exchanges, at each kind of endpoint. */
    private static final Map<EndpointKind, Map<ChaosFault, Integer>> EXCHANGES = Map.of(
            EndpointKind.LINE,
            new EnumMap<>(Map.of(
                    ChaosFault.SLOW, 40,
                    ChaosFault.STALL, 2,
                    ChaosFault.RESET, 4,
                    ChaosFault.HALF_CLOSE, 4,
                    ChaosFault.CLOSE, 4,
                    ChaosFault.CUT_ANSWER, 4,
                    ChaosFault.DUPLICATE, 4,
                    ChaosFault.HALF_LINE, 4,
                    ChaosFault.LATE_DUPLICATE, 4,
                    ChaosFault.UNASKED, 4)),
            EndpointKind.PIPE,
            new EnumMap<>(Map.of(
                    ChaosFault.SLOW, 200,
                    ChaosFault.STALL, 2,
                    ChaosFault.RESET, 4,
                    ChaosFault.HALF_CLOSE, 4,
                    ChaosFault.CLOSE, 4,
                    ChaosFault.CUT_ANSWER, 4,
                    ChaosFault.HALF_LINE, 4,
                    ChaosFault.UNASKED, 4)),
            EndpointKind.MUX,
            new EnumMap<>(Map.of(
                    ChaosFault.SLOW, 300,
                    ChaosFault.LATE, 20,
                    ChaosFault.STALL, 10,
                    ChaosFault.RESET, 4,
                    ChaosFault.HALF_CLOSE, 4,
                    ChaosFault.CLOSE, 4,
                    ChaosFault.CUT_ANSWER, 4,
                    ChaosFault.RESET_STREAM, 10,
                    ChaosFault.REFUSE_STREAM, 10,
                    ChaosFault.GO_AWAY, 10)));

    /** Faults per thousand new connections. */
    private static final Map<ChaosFault, Integer> CONNECTIONS =
            new EnumMap<>(Map.of(ChaosFault.GREET, 20, ChaosFault.CLOSE_AT_ONCE, 20, ChaosFault.MUTE, 10));

    /** Faults per thousand times that a server of streams may change how many it takes. */
    private static final Map<ChaosFault, Integer> SETTINGS =
            new EnumMap<>(Map.of(ChaosFault.SETTINGS, 500, ChaosFault.NO_ROOM, 100));

    /** Faults per thousand cancelled streams. */
    private static final Map<ChaosFault, Integer> CANCELS =
            new EnumMap<>(Map.of(ChaosFault.LATE, 200, ChaosFault.UNCONFIRMED, 50));

    private final Random random;
    private final Map<ChaosFault, Long> done = new EnumMap<>(ChaosFault.class);
    private boolean peaceful;

    FaultChooser(long seed) {
        random = new Random(seed);
    }

    /** Stops or resumes all faults. */
    void setPeaceful(boolean peaceful) {
        this.peaceful = peaceful;
    }

    boolean isPeaceful() {
        return peaceful;
    }

    /** The fault of a new connection, or null. */
    @Nullable
    ChaosFault forConnection() {
        return draw(CONNECTIONS);
    }

    /** The fault of an exchange, or null. */
    @Nullable
    ChaosFault forExchange(EndpointKind kind) {
        return draw(EXCHANGES.getOrDefault(kind, Map.of()));
    }

    /** How the number of streams changes, or null. */
    @Nullable
    ChaosFault forSettings() {
        return draw(SETTINGS);
    }

    /** The fault of the confirmation that a stream is cancelled, or null. */
    @Nullable
    ChaosFault forCancel() {
        return draw(CANCELS);
    }

    /** Counts a fault. */
    void count(ChaosFault fault) {
        done.merge(fault, 1L, Long::sum);
    }

    /** How often each fault was committed. */
    Map<ChaosFault, Long> counts() {
        Map<ChaosFault, Long> counts = new EnumMap<>(ChaosFault.class);
        for (ChaosFault fault : ChaosFault.values()) {
            counts.put(fault, done.getOrDefault(fault, 0L));
        }
        return counts;
    }

    /** True or false, at random. */
    boolean coin() {
        return random.nextBoolean();
    }

    /** A random number from least to most, both included. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private @Nullable ChaosFault draw(Map<ChaosFault, Integer> shares) {
        if (peaceful) {
            return null;
        }
        int drawn = random.nextInt(SCALE);
        for (Map.Entry<ChaosFault, Integer> share : shares.entrySet()) {
            drawn -= share.getValue();
            if (drawn < 0) {
                return share.getKey();
            }
        }
        return null;
    }
}
