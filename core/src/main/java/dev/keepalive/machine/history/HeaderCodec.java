package dev.keepalive.machine.history;

import dev.keepalive.Limits;
import dev.keepalive.machine.MachineConfig;
import java.io.IOException;

/**
 * The format of the beginning of a history: the version, the limits, the options of the machine. Each encoder stands
 * beside its decoder.
 */
final class HeaderCodec {
    private HeaderCodec() {}

    static void writeVersion(NumberWriter out) {
        out.number(HistoryCodes.VERSION);
    }

    static void requireVersion(NumberReader in) throws IOException {
        long version = in.number();
        if (version != HistoryCodes.VERSION) {
            throw new IOException("not a history that can be read here: it says version " + version
                    + ", and the only version that can be read is " + HistoryCodes.VERSION);
        }
    }

    static void write(NumberWriter out, Limits limits) {
        out.number(limits.maxOpen());
        out.number(limits.maxOpenPerEndpoint());
        out.number(limits.maxWaitingPerEndpoint());
        out.number(limits.maxDialsPerEndpoint());
    }

    static Limits readLimits(NumberReader in) throws IOException {
        return limits(limit(in), limit(in), limit(in), limit(in));
    }

    private static int limit(NumberReader in) throws IOException {
        return (int) in.number("limit", 0, Integer.MAX_VALUE);
    }

    /** @throws IOException if these are no limits */
    static Limits limits(int maxOpen, int maxOpenPerEndpoint, int maxWaitingPerEndpoint, int maxDialsPerEndpoint)
            throws IOException {
        try {
            return new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint);
        } catch (IllegalArgumentException notLimits) {
            throw new IOException("not a history: " + notLimits.getMessage(), notLimits);
        }
    }

    static void write(NumberWriter out, MachineConfig config) {
        out.number(config.dialTimeout());
        out.number(config.idleTimeout());
        out.number(config.maxLifetime());
        out.number(config.leakDetectionThreshold());
        out.number(config.backOff());
        out.number(config.maxBackOff());
        out.number(config.cleanupTimeout());
        out.number(config.ceilingDuration());
        out.number(config.patience());
        out.number(config.yieldWindow());
        out.number(config.maxYieldWindow());
        out.number(config.lingerReport());
        out.number(config.lingerTimeout());
        out.number(config.patrol());
        out.number(config.unprovenPercent());
        out.number(config.rememberedEndpoints());
        out.flag(config.budgeted());
        out.number(config.seed());
    }

    static MachineConfig readConfig(NumberReader in) throws IOException {
        return new MachineConfig(
                time(in, "dialTimeout"),
                time(in, "idleTimeout"),
                time(in, "maxLifetime"),
                time(in, "leakDetectionThreshold"),
                time(in, "backOff"),
                time(in, "maxBackOff"),
                time(in, "cleanupTimeout"),
                time(in, "ceilingDuration"),
                time(in, "patience"),
                time(in, "yieldWindow"),
                time(in, "maxYieldWindow"),
                time(in, "lingerReport"),
                time(in, "lingerTimeout"),
                time(in, "patrol"),
                (int) in.number("unprovenPercent", 1, 100),
                (int) in.number("rememberedEndpoints", 0, Integer.MAX_VALUE),
                in.flag(),
                in.number());
    }

    /** A time that is positive: with another one, the machine would do the same at one moment for ever. */
    private static long time(NumberReader in, String what) throws IOException {
        return in.number(what, 1, Long.MAX_VALUE);
    }
}
