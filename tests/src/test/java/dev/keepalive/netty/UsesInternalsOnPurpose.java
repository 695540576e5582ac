package dev.keepalive.netty;

import dev.keepalive.Limits;

/** What must not be in the Netty module: shows that the rule against it can fail. */
public final class UsesInternalsOnPurpose {
    /** Knows the machine. */
    public String knows(Limits limits) {
        return limits.toString();
    }
}
