package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.contenders.Kind;
import java.util.Map;

/** What each name stands for, also those that a single workload knows. */
final class Kinds {
    private static final Map<String, Kind> OTHERS =
            Map.of("raw", Kind.FLOOR, "park", Kind.FLOOR, "reactor-netty", Kind.SAME_JOB, Ancestor.NAME, Kind.OTHER);

    private Kinds() {}

    static Kind of(String contender) {
        return Contenders.all().stream()
                .filter(entrant -> entrant.name().equals(contender))
                .map(Entrant::kind)
                .findAny()
                .orElseGet(() -> OTHERS.getOrDefault(contender, Kind.OTHER));
    }

    /** In words. */
    static String inWords(Kind kind) {
        return switch (kind) {
            case OURS -> "ours";
            case SAME_JOB -> "same job";
            case OTHER -> "other";
            case FLOOR -> "floor";
        };
    }
}
