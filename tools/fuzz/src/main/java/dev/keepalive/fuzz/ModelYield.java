package dev.keepalive.fuzz;

/** That a shared connection takes no new leases for a while, in the model. */
final class ModelYield {
    /** The yield that began first has the smallest number. */
    final long order;

    /** It began because the connection is too old. */
    final boolean forAge;

    final long window;

    /** When the window ends. */
    final long until;

    /** The window has ended. */
    boolean isOver;

    ModelYield(long order, boolean forAge, long window, long until) {
        this.order = order;
        this.forAge = forAge;
        this.window = window;
        this.until = until;
    }
}
