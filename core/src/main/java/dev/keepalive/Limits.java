package dev.keepalive;

import java.io.Serializable;

/**
 * The limits of one manager. They may change while it runs. Each is at least 1; {@link Integer#MAX_VALUE} means no
 * limit. Immutable.
 *
 * @param maxOpen the limit on connections open to all endpoints together
 * @param maxOpenPerEndpoint the limit on connections open to each endpoint
 * @param maxWaitingPerEndpoint the limit, for each endpoint, on waiting acquires for which no connection is being
 *     opened or reset
 * @param maxDialsPerEndpoint the limit, for each endpoint, on connections being opened at the same time
 */
public record Limits(int maxOpen, int maxOpenPerEndpoint, int maxWaitingPerEndpoint, int maxDialsPerEndpoint)
        implements Serializable {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public Limits {
        OptionChecks.positive("maxOpen", maxOpen);
        OptionChecks.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        OptionChecks.positive("maxWaitingPerEndpoint", maxWaitingPerEndpoint);
        OptionChecks.positive("maxDialsPerEndpoint", maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxOpen}. */
    public Limits withMaxOpen(int maxOpen) {
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxOpenPerEndpoint}. */
    public Limits withMaxOpenPerEndpoint(int maxOpenPerEndpoint) {
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxWaitingPerEndpoint}. */
    public Limits withMaxWaitingPerEndpoint(int maxWaitingPerEndpoint) {
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxDialsPerEndpoint}. */
    public Limits withMaxDialsPerEndpoint(int maxDialsPerEndpoint) {
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }
}
