package dev.keepalive.bench.contenders;

import java.time.Duration;
import java.util.function.IntFunction;
import org.apache.hc.core5.io.ModalCloseable;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a contender.
 *
 * @param endpoints the number of endpoints, which are numbered from 0
 * @param perEndpoint the limit of connections per endpoint
 * @param total the limit of connections in all
 * @param timeout the longest time that an acquire may wait; null for no deadline, or for the pool's default if it
 *     always has a deadline
 * @param opener opens a connection to an endpoint; only the pools of HttpCore and Commons Pool use it
 */
public record PoolConfig(
        int endpoints, int perEndpoint, int total, @Nullable Duration timeout, IntFunction<ModalCloseable> opener) {
    /** So many connections to each of so many endpoints; the limit in all is their product. */
    public static PoolConfig of(int endpoints, int perEndpoint) {
        int total = Math.multiplyExact(endpoints, perEndpoint);
        return new PoolConfig(endpoints, perEndpoint, total, null, DummyConnection::new);
    }

    /** This configuration with a deadline for each acquire. */
    public PoolConfig within(Duration timeout) {
        return new PoolConfig(endpoints, perEndpoint, total, timeout, opener);
    }

    /** This configuration with connections that do something. */
    public PoolConfig opening(IntFunction<ModalCloseable> opener) {
        return new PoolConfig(endpoints, perEndpoint, total, timeout, opener);
    }
}
