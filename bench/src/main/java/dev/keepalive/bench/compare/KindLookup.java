package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Map;

/** What each name stands for, also those that a single workload knows. */
final class KindLookup {
    private static final Map<String, ContenderKind> OTHERS =
            Map.of("raw", ContenderKind.FLOOR, "park", ContenderKind.FLOOR, "reactor-netty", ContenderKind.SAME_JOB, PerlContender.NAME, ContenderKind.OTHER);

    private KindLookup() {}

    static ContenderKind of(String contender) {
        return ContenderRegistry.all().stream()
                .filter(entry -> entry.name().equals(contender))
                .map(ContenderEntry::kind)
                .findAny()
                .orElseGet(() -> OTHERS.getOrDefault(contender, ContenderKind.OTHER));
    }

    /** In words. */
    static String inWords(ContenderKind kind) {
        return switch (kind) {
            case OURS -> "ours";
            case SAME_JOB -> "same job";
            case OTHER -> "other";
            case FLOOR -> "floor";
        };
    }
}
