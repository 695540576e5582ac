package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.cycles.Cycles;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A workload, as the command sees it: a main class. It is run in a fresh JVM for each contender and each round as
 * {@code --workload ID --contender NAME [--quick]}, prints one {@link dev.keepalive.bench.Figure} per line on its standard output, and whatever
 * else it has to say on its standard error.
 *
 * @param id its number in the list of workloads, {@code W1} for example
 * @param title what is done
 * @param main the class that does it
 * @param few the contenders with {@code --quick}
 * @param all the contenders otherwise
 * @param pairs true if it makes rounds of its own, within one JVM: then the command has it run in one round only
 * @param quickLimit how long one run may take at most with {@code --quick}; then it is killed
 * @param limit how long it may take otherwise
 */
public record Workload(
        String id,
        String title,
        String main,
        List<String> few,
        List<String> all,
        boolean pairs,
        Duration quickLimit,
        Duration limit) {
    private static final String OURS = "keepalive";

    /** All of them, in order. */
    static final List<Workload> ALL = List.of(
            cycles(
                    "W1",
                    "Acquire and release, one endpoint, one thread",
                    List.of(
                            OURS,
                            "keepalive-future",
                            "keepalive-no-reclaim",
                            "httpcore-segmented",
                            "vertx-on-loop",
                            "httpcore-lax",
                            "jetty",
                            "hikari-bag",
                            "lock",
                            "cas"),
                    able()),
            cycles(
                    "W2",
                    "Acquire and release, one endpoint, two threads",
                    List.of(
                            OURS,
                            "httpcore-segmented",
                            "httpcore-lax",
                            "httpcore-strict",
                            "jetty",
                            "hikari-bag",
                            "lock",
                            "cas"),
                    able(Ability.SHARED)),
            cycles(
                    "W4",
                    "Acquire and release, many endpoints",
                    List.of(
                            OURS,
                            "httpcore-segmented",
                            "vertx-on-loop",
                            "httpcore-lax",
                            "jetty",
                            "lock",
                            "map-cas",
                            Ancestor.NAME),
                    with(able(Ability.KEYS), Ancestor.NAME)));

    private static Workload cycles(String id, String title, List<String> few, List<String> all) {
        return new Workload(
                id, title, Cycles.class.getName(), few, all, false, Duration.ofSeconds(60), Duration.ofSeconds(150));
    }

    private static List<String> able(Ability... needed) {
        return Contenders.all().stream()
                .filter(entrant -> entrant.can(needed))
                .map(Entrant::name)
                .toList();
    }

    private static List<String> with(List<String> names, String more) {
        return Stream.concat(names.stream(), Stream.of(more)).toList();
    }

    /** Who runs it. */
    List<String> contenders(boolean quick) {
        return quick ? few : all;
    }

    /** How long one run may take. */
    Duration limit(boolean quick) {
        return quick ? quickLimit : limit;
    }
}
