package dev.keepalive;

/**
 * What a manager has done since it was built. The numbers were taken at one moment, and fit together; they only grow.
 * Immutable. Implemented by the manager only; later versions may add methods.
 */
public interface Totals {
    /** Dials that succeeded. */
    long opened();

    /** Dials that failed, timed out or were stopped. */
    long dialsFailed();

    /** Acquires that got an idle connection. */
    long immediate();

    /** Acquires that got a connection which another lease released while they waited. */
    long deferred();

    /** Acquires that got a new connection. */
    long created();

    /** Acquires that ended by their timeout. */
    long timedOut();

    /** Acquires that failed because a dial failed, the wait queue was full, or the manager was closed. */
    long failed();

    /** Acquires that were cancelled while they waited. */
    long cancelled();

    /** Leases that were taken back because they were garbage before their holder had ended them. */
    long leaked();
}
