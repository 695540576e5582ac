package dev.keepalive.bench.contenders;

import static dev.keepalive.bench.contenders.Ability.KEYS;
import static dev.keepalive.bench.contenders.Ability.LIMITS;
import static dev.keepalive.bench.contenders.Ability.QUEUES;
import static dev.keepalive.bench.contenders.Ability.SHARED;
import static dev.keepalive.bench.contenders.Ability.TIMES_OUT;
import static dev.keepalive.bench.contenders.Ability.WAITS;
import static dev.keepalive.bench.contenders.Ability.WITHDRAWS;

import java.util.List;

/** The register of all contenders: ours first, the floors last. */
public final class Contenders {
    private static final List<Entrant> ALL = List.of(
            ours("keepalive", setting -> new Keepalive(setting, Keepalive.Way.TRY, true)),
            ours("keepalive-future", setting -> new Keepalive(setting, Keepalive.Way.FUTURE, true)),
            ours("keepalive-blocking", setting -> new Keepalive(setting, Keepalive.Way.BLOCKING, true)),
            ours("keepalive-no-reclaim", setting -> new Keepalive(setting, Keepalive.Way.TRY, false)),
            Entrant.of(
                    "httpcore-strict",
                    Kind.SAME_JOB,
                    HttpCore::strict,
                    KEYS,
                    SHARED,
                    WAITS,
                    QUEUES,
                    WITHDRAWS,
                    TIMES_OUT,
                    LIMITS),
            Entrant.of("lock", Kind.FLOOR, LockFloor::new, KEYS, SHARED));

    private Contenders() {}

    /** All of them that this JVM can run. */
    public static List<Entrant> all() {
        return ALL;
    }

    /**
     * The entrant of this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists all
     */
    public static Entrant named(String name) {
        return ALL.stream()
                .filter(entrant -> entrant.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("contender '" + name + "' is not known: one of "
                        + ALL.stream().map(Entrant::name).toList()));
    }

    private static Entrant ours(String name, Entrant.Maker maker) {
        return Entrant.of(name, Kind.OURS, maker, KEYS, SHARED, WAITS, QUEUES, WITHDRAWS, TIMES_OUT, LIMITS);
    }
}
