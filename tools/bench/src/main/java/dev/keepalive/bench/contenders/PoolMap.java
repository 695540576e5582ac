package dev.keepalive.bench.contenders;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** A map with one pool per endpoint, for pools without keys. */
final class PoolMap<P> {
    private final Map<String, P> pools = new ConcurrentHashMap<>();
    private final String[] endpoints;
    private final IntFunction<P> maker;

    PoolMap(PoolConfig config, IntFunction<P> maker) {
        this.endpoints = EndpointNames.of(config);
        this.maker = maker;
    }

    /** The pool of this endpoint. Looks it up by name at each call, like a program that knows only the name. */
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
