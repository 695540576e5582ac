package dev.keepalive.bench.contenders;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a contender is made for.
 *
 * @param endpoints how many endpoints there are, numbered from 0
 * @param perEndpoint most connections to one endpoint
 * @param total most connections in all
 * @param timeout how long an acquire may wait; null for no deadline, or, with a pool that always has one, for its default
 */
public record Setting(int endpoints, int perEndpoint, int total, @Nullable Duration timeout) {
    /** So many connections to each of so many endpoints, and as many in all as that makes. */
    public static Setting of(int endpoints, int perEndpoint) {
        return new Setting(endpoints, perEndpoint, Math.multiplyExact(endpoints, perEndpoint), null);
    }

    /** The same with a deadline for each acquire. */
    public Setting within(Duration timeout) {
        return new Setting(endpoints, perEndpoint, total, timeout);
    }
}
