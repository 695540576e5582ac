package dev.keepalive;

import java.io.Serializable;

/**
 * The limits of one manager, which may change while it runs. Each is at least 1; {@link Integer#MAX_VALUE} means no
 * limit. Immutable.
 *
 * @param maxOpen most connections open over all endpoints
 * @param maxOpenPerEndpoint most connections open to one endpoint
 * @param maxWaitingPerEndpoint most acquires that wait for one endpoint without a connection on its way for them
 * @param maxDialsPerEndpoint most connections being opened to one endpoint at the same time
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
    public Limits withMaxOpen(int changed) {
        return new Limits(changed, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxOpenPerEndpoint}. */
    public Limits withMaxOpenPerEndpoint(int changed) {
        return new Limits(maxOpen, changed, maxWaitingPerEndpoint, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxWaitingPerEndpoint}. */
    public Limits withMaxWaitingPerEndpoint(int changed) {
        return new Limits(maxOpen, maxOpenPerEndpoint, changed, maxDialsPerEndpoint);
    }

    /** The same limits with another {@link #maxDialsPerEndpoint}. */
    public Limits withMaxDialsPerEndpoint(int changed) {
        return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, changed);
    }
}
