package dev.keepalive.bench.contenders;

/** What not every contender can do. A workload that needs it leaves out those who cannot. */
public enum PoolFeature {
    /** Keeps the connections of several endpoints apart. */
    KEYED,
    /** May be used by several threads. */
    THREAD_SAFE,
    /** Makes whoever acquires wait until somebody releases, on that thread. */
    BLOCKING_ACQUIRE,
    /** Has an asynchronous acquire: a line of waiters that are no threads. */
    ASYNC_ACQUIRE,
    /** Lets a waiter give up his place in the line. */
    WITHDRAWAL,
    /** Can end the waiting of each waiter at a deadline of its own ({@link PoolConfig#timeout}). */
    ACQUIRE_TIMEOUT,
    /** Keeps the number of connections to an endpoint within the limit. */
    ENDPOINT_LIMIT,
    /** Works on one event loop, and is called there: by {@link PoolAdapter#confine}. */
    EVENT_LOOP_ONLY
}
