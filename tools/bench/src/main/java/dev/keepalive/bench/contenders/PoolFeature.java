package dev.keepalive.bench.contenders;

/** A feature that only some contenders have. A workload leaves out the contenders that lack a feature it needs. */
public enum PoolFeature {
    /** Keeps the connections of several endpoints apart. */
    KEYED,
    /** May be used by several threads. */
    THREAD_SAFE,
    /** Can block the acquiring thread until a connection is released. */
    BLOCKING,
    /** Has an asynchronous acquire: its waiters are no threads. */
    ASYNC,
    /** Lets a waiter withdraw from the wait queue. */
    WITHDRAWAL,
    /** Can end each acquire at a deadline of its own ({@link PoolConfig#timeout}). */
    DEADLINE,
    /** Keeps the number of connections per endpoint within the limit. */
    LIMIT,
    /** Works on one event loop and is called there, through {@link PoolAdapter#confine}. */
    EVENT_LOOP
}
