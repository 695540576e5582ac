package dev.keepalive.machine;

import dev.keepalive.internal.SharedBudget;

/** A part of the machine must not know the shell. This class shows that the rules against it can fail. */
public final class UsesTheShellOnPurpose {
    /** Knows a class of the shell. */
    public int permits(SharedBudget budget) {
        return budget.permits();
    }
}
