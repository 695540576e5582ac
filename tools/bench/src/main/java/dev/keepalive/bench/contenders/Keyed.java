package dev.keepalive.bench.contenders;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** A map with one pool per endpoint, for what has no keys of its own. */
final class Keyed<P> {
    private final Map<String, P> pools = new ConcurrentHashMap<>();
    private final String[] endpoints;
    private final IntFunction<P> maker;

    Keyed(Setting setting, IntFunction<P> maker) {
        this.endpoints = Names.of(setting);
        this.maker = maker;
    }

    /** The pool of this endpoint: looked up by its name at each call, as a program that knows nothing but the name must. */
    P at(int endpoint) {
        P pool = pools.get(endpoints[endpoint]);
        return pool == null ? make(endpoint) : pool;
    }

    private P make(int endpoint) {
        return Objects.requireNonNull(pools.computeIfAbsent(endpoints[endpoint], name -> maker.apply(endpoint)));
    }

    void forEach(Consumer<P> action) {
        pools.values().forEach(action);
    }
}
