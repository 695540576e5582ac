package dev.keepalive;

/** Managers that do not take back what was forgotten: only for measuring what that costs. */
public final class WithoutReclaim {
    private WithoutReclaim() {}

    /** Turns it off. */
    public static <C> ManagerBuilder<C> in(ManagerBuilder<C> builder) {
        builder.reclaim = false;
        return builder;
    }
}
