package dev.keepalive.soak;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Decides, from a seed, which fault comes next, and counts them. Used by the chaos server's thread only. */
class Mischief {
    private static final int OF = 1000;

    /** So many of a thousand exchanges. */
    private static final Map<Fault, Integer> EXCHANGES = new EnumMap<>(Map.of(
            Fault.SLOW, 40,
            Fault.STALL, 2,
            Fault.RESET, 4,
            Fault.HALF_CLOSE, 4,
            Fault.CLOSE, 4,
            Fault.CUT, 4,
            Fault.TWIN, 4,
            Fault.TORN, 4,
            Fault.LATE_TWIN, 4,
            Fault.SPEAK, 4));

    /** So many of a thousand new connections. */
    private static final Map<Fault, Integer> CONNECTIONS =
            new EnumMap<>(Map.of(Fault.GREET, 20, Fault.SHUT_OUT, 20, Fault.MUTE, 10));

    private final Random random;
    private final Map<Fault, Long> done = new EnumMap<>(Fault.class);
    private boolean peaceful;

    Mischief(long seed) {
        random = new Random(seed);
    }

    /** From now on no fault, or faults again. */
    void setPeaceful(boolean peaceful) {
        this.peaceful = peaceful;
    }

    boolean isPeaceful() {
        return peaceful;
    }

    /** The fault of a new connection, or null. */
    @Nullable
    Fault ofConnection() {
        return draw(CONNECTIONS);
    }

    /** The fault of an exchange, or null. */
    @Nullable
    Fault ofExchange() {
        return draw(EXCHANGES);
    }

    /** A fault was done. */
    void count(Fault fault) {
        done.merge(fault, 1L, Long::sum);
    }

    /** How often each fault was done. */
    Map<Fault, Long> counts() {
        Map<Fault, Long> counts = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            counts.put(fault, done.getOrDefault(fault, 0L));
        }
        return counts;
    }

    /** One of two. */
    boolean coin() {
        return random.nextBoolean();
    }

    /** A number from the least to the most, both included. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private @Nullable Fault draw(Map<Fault, Integer> shares) {
        if (peaceful) {
            return null;
        }
        int drawn = random.nextInt(OF);
        for (Map.Entry<Fault, Integer> share : shares.entrySet()) {
            drawn -= share.getValue();
            if (drawn < 0) {
                return share.getKey();
            }
        }
        return null;
    }
}
