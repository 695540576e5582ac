package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderKind;
import dev.keepalive.bench.contenders.ContenderRegistry;
import java.util.Map;

/** Finds the kind of a contender by name, including names that only one workload has. */
final class KindLookup {
    private static final Map<String, ContenderKind> OTHERS = Map.ofEntries(
            Map.entry("raw", ContenderKind.FLOOR),
            Map.entry("reactor-netty", ContenderKind.SAME_JOB),
            Map.entry("keepalive-pipelined", ContenderKind.OURS),
            Map.entry("jedis", ContenderKind.SAME_JOB),
            Map.entry("lettuce", ContenderKind.OTHER),
            Map.entry("keepalive-on-loop", ContenderKind.OURS),
            Map.entry("jdk-http", ContenderKind.SAME_JOB),
            Map.entry("okhttp", ContenderKind.SAME_JOB),
            Map.entry("apache-async", ContenderKind.SAME_JOB),
            Map.entry("jetty-http", ContenderKind.SAME_JOB),
            Map.entry("reactor-netty-http", ContenderKind.SAME_JOB),
            Map.entry("raw-codec", ContenderKind.FLOOR));

    private KindLookup() {}

    static ContenderKind of(String contender) {
        return ContenderRegistry.all().stream()
                .filter(entry -> entry.name().equals(contender))
                .map(ContenderEntry::kind)
                .findAny()
                .orElseGet(() -> OTHERS.getOrDefault(contender, ContenderKind.OTHER));
    }
}
