package dev.keepalive.machine.history;

import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Rules;
import java.io.IOException;

/**
 * What a history begins with: the version of the format, the limits, the rules. Each encoder stands beside its decoder.
 */
final class HeaderCodec {
    private HeaderCodec() {}

    static void writeVersion(NumberWriter out) {
        out.number(HistoryCodes.VERSION);
    }

    static void requireVersion(NumberReader in) throws IOException {
        long version = in.number();
        if (version != HistoryCodes.VERSION) {
            throw new IOException("not a recording that can be read here: it says version " + version
                    + ", and the only version that can be read is " + HistoryCodes.VERSION);
        }
    }

    static void write(NumberWriter out, Limits limits) {
        out.number(limits.maxOpen());
        out.number(limits.maxOpenPerEndpoint());
        out.number(limits.maxWaiting());
        out.number(limits.maxDialling());
    }

    static Limits readLimits(NumberReader in) throws IOException {
        return new Limits((int) in.number(), (int) in.number(), (int) in.number(), (int) in.number());
    }

    static void write(NumberWriter out, Rules rules) {
        out.number(rules.dialTimeout());
        out.number(rules.idleTimeout());
        out.number(rules.maxLifetime());
        out.number(rules.heldFor());
        out.number(rules.backOff());
        out.number(rules.maxBackOff());
        out.number(rules.grace());
        out.number(rules.scarcity());
        out.number(rules.patience());
        out.number(rules.patrol());
        out.flag(rules.budgeted());
        out.number(rules.seed());
    }

    static Rules readRules(NumberReader in) throws IOException {
        return new Rules(
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.number(),
                in.flag(),
                in.number());
    }
}
