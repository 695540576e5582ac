package dev.keepalive.bench.contenders;

/** What not every contender can do. A workload that needs it leaves out those who cannot. */
public enum Ability {
    /** Keeps the connections of several endpoints apart. */
    KEYS,
    /** May be used by several threads. */
    SHARED,
    /** Makes whoever acquires wait until somebody releases, on that thread. */
    WAITS,
    /** Has an asynchronous acquire: a line of waiters that are no threads. */
    QUEUES,
    /** Lets a waiter give up his place in the line. */
    WITHDRAWS,
    /** Can end the waiting of each waiter at a deadline of its own ({@link Setting#timeout}). */
    TIMES_OUT,
    /** Keeps the number of connections to an endpoint within the limit. */
    LIMITS,
    /** Works on one event loop, and is called there: by {@link Contender#confine}. */
    CONFINED
}
