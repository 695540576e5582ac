package dev.keepalive.bench.contenders;

import java.util.stream.IntStream;

/** The names of endpoints, for the pools that take any object for a key. */
final class EndpointNames {
    private EndpointNames() {}

    static String[] of(PoolConfig config) {
        return IntStream.range(0, config.endpoints()).mapToObj(i -> "host" + i).toArray(String[]::new);
    }
}
