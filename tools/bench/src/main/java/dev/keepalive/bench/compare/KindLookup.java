package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderKind;
import dev.keepalive.bench.contenders.ContenderRegistry;
import java.util.Map;

/** Finds the kind of a contender by name, including names that only one workload has. */
final class KindLookup {
    private static final Map<String, ContenderKind> OTHERS = Map.of(
            "raw", ContenderKind.FLOOR,
            "reactor-netty", ContenderKind.SAME_JOB,
            "jedis", ContenderKind.SAME_JOB,
            "lettuce", ContenderKind.OTHER);

    private KindLookup() {}

    static ContenderKind of(String contender) {
        return ContenderRegistry.all().stream()
                .filter(entry -> entry.name().equals(contender))
                .map(ContenderEntry::kind)
                .findAny()
                .orElseGet(() -> OTHERS.getOrDefault(contender, ContenderKind.OTHER));
    }
}
