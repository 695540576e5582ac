package dev.keepalive;

/**
 * What a manager has done since it was built. The counters are consistent with each other; they only grow.
 *
 * @param opened dials that succeeded
 * @param dialsFailed dials that failed, timed out or were stopped
 * @param immediate acquires answered with an idle connection
 * @param deferred acquires answered with a connection that was released while they waited
 * @param created acquires answered with a new connection
 * @param timedOut acquires that ended by their timeout
 * @param failed acquires that ended because a dial failed or the manager was closed
 * @param cancelled acquires that were withdrawn while they waited
 * @param leaked leases that were taken back because nobody held them any more
 */
public record Totals(
        long opened,
        long dialsFailed,
        long immediate,
        long deferred,
        long created,
        long timedOut,
        long failed,
        long cancelled,
        long leaked) {
    /** The same, with so many more acquires that were answered with an idle connection. */
    Totals withBorrowed(long borrowed) {
        return new Totals(
                opened, dialsFailed, immediate + borrowed, deferred, created, timedOut, failed, cancelled, leaked);
    }
}
