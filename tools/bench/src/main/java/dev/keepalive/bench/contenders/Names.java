package dev.keepalive.bench.contenders;

import java.util.stream.IntStream;

/** The names of endpoints, for the pools that take any object for a key. */
final class Names {
    private Names() {}

    static String[] of(Setting setting) {
        return IntStream.range(0, setting.endpoints()).mapToObj(i -> "host" + i).toArray(String[]::new);
    }
}
