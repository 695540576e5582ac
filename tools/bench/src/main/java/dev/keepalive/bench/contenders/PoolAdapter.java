package dev.keepalive.bench.contenders;

import java.util.function.Consumer;

/**
 * The interface to a measured pool, reduced to what all pools can do. Endpoints are numbers from 0; the pool's own keys
 * are made before anything is measured. {@link ContenderEntry#features} says which methods a pool supports, and whether
 * several threads may call them.
 */
public interface PoolAdapter extends AutoCloseable {
    /**
     * Acquires a connection to this endpoint: an idle one, else a new one if the limits allow it. Otherwise blocks, if
     * the pool has {@link PoolFeature#BLOCKING}.
     *
     * @return the lease, opaque
     * @throws Exception if no connection is available
     */
    Object acquire(int endpoint) throws Exception;

    /** Ends a lease; the pool keeps the connection for the next one. */
    void release(int endpoint, Object lease);

    /** The connection of a lease: the same object for each lease of one connection. By default, the lease itself. */
    default Object connection(Object lease) {
        return lease;
    }

    /**
     * Acquires asynchronously ({@link PoolFeature#ASYNC}).
     *
     * @param then gets the lease: within this call, or later on the releasing thread or on a thread of the pool
     * @return the waiter, for {@link #withdraw}
     */
    default Object acquireAsync(int endpoint, Consumer<Object> then) {
        throw new UnsupportedOperationException(this + " has no asynchronous acquire");
    }

    /** Withdraws a waiter from the wait queue, as a user of the pool would ({@link PoolFeature#WITHDRAWAL}). */
    default void withdraw(int endpoint, Object waiter) {
        throw new UnsupportedOperationException(this + " does not support withdrawal");
    }

    /** Makes a connection outside the pool, to measure what the pool adds to it. */
    default Object spare(int endpoint) {
        return new DummyConnection(endpoint);
    }

    /**
     * Closes and removes all idle connections, as a user of the pool would.
     *
     * @return false if the pool has no way to do that
     */
    default boolean closeIdle() {
        return false;
    }

    /**
     * Runs cycles on the pool's event loop if it has {@link PoolFeature#EVENT_LOOP}, else on this thread; then returns.
     */
    default void confine(Runnable cycles) {
        cycles.run();
    }

    /** Closes the pool, its connections and its threads. By default there is nothing to close. */
    @Override
    default void close() {}
}
