package dev.keepalive;

/**
 * How often each thing has happened in a manager since it was built. All numbers were taken at one moment and fit
 * together. They only grow. Immutable. Implemented by the manager only; later versions may add methods.
 */
public interface Totals {
    /** Dials that succeeded, and whose connection was still open then. */
    long opened();

    /** Dials that failed, timed out or were stopped, or whose connection was closed before it could be leased. */
    long dialsFailed();

    /** Acquires that got an idle connection, or one that had room for a further lease. */
    long immediate();

    /** Acquires that got a connection which another lease released, or which had room again, while they waited. */
    long deferred();

    /** Acquires that got a new connection. */
    long created();

    /** Acquires that ended by their timeout. */
    long timedOut();

    /** Acquires that failed because a dial failed, the wait queue was full, or the manager was closed. */
    long failed();

    /** Acquires that were cancelled while they waited. */
    long cancelled();

    /** Leases that leaked: they became garbage before they were ended. */
    long leaked();
}
