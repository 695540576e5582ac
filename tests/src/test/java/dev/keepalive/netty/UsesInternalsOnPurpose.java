package dev.keepalive.netty;

import dev.keepalive.machine.MachineConfig;

/** What must not be in the Netty module: shows that the rule against it can fail. */
public final class UsesInternalsOnPurpose {
    /** Knows the machine. */
    public String knows(MachineConfig config) {
        return config.toString();
    }
}
