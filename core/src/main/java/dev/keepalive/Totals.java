package dev.keepalive;

/**
 * What a manager has done since it was built. The counters are consistent with each other; they only grow.
 *
 * @param opened dials that succeeded
 * @param dialsFailed dials that failed, timed out or were stopped
 * @param immediate acquires answered with an idle connection
 * @param deferred acquires answered with a connection that was released while they waited
 * @param fresh acquires answered with a new connection
 * @param timedOut acquires that ended by their timeout
 * @param failed acquires that ended because a dial failed or the manager was closed
 * @param withdrawn acquires that were withdrawn while they waited
 * @param forgotten leases that were taken back because nobody held them any more
 */
public record Totals(
        long opened,
        long dialsFailed,
        long immediate,
        long deferred,
        long fresh,
        long timedOut,
        long failed,
        long withdrawn,
        long forgotten) {
    /** The same, with so many more acquires that were answered with an idle connection. */
    Totals withBorrowed(long borrowed) {
        return new Totals(
                opened, dialsFailed, immediate + borrowed, deferred, fresh, timedOut, failed, withdrawn, forgotten);
    }
}
