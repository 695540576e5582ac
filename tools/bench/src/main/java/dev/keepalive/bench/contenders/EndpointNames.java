package dev.keepalive.bench.contenders;

import java.util.stream.IntStream;

/** Makes the names of endpoints, for pools with keys of any type. */
final class EndpointNames {
    private EndpointNames() {}

    static String[] of(PoolConfig config) {
        return IntStream.range(0, config.endpoints()).mapToObj(i -> "host" + i).toArray(String[]::new);
    }
}
