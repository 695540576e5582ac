package dev.keepalive.bench.contenders;

import java.util.function.Consumer;

/**
 * A pool under measurement, reduced to what all pools can do. Endpoints are numbers from 0; what stands for them in the pool is made before
 * anything is measured. Which of the methods a pool has, and from how many threads, its {@link Entrant} says.
 */
public interface Contender extends AutoCloseable {
    /**
     * Takes a connection to this endpoint: an idle one, else a new one if the limits allow; else waits, if the pool can ({@link Ability#WAITS}).
     *
     * @return the lease, opaque
     * @throws Exception if there is none
     */
    Object acquire(int endpoint) throws Exception;

    /** Gives a lease back; its connection is kept for the next. */
    void release(int endpoint, Object lease);

    /** What the lease is of: the same object for each lease of the same connection. */
    Object connection(Object lease);

    /**
     * Asks for a connection and does not wait ({@link Ability#QUEUES}).
     *
     * @param then gets the lease: at once, or later on the thread of whoever releases, or on the pool's own
     * @return the place in the line, for {@link #withdraw}
     */
    default Object queue(int endpoint, Consumer<Object> then) {
        throw new UnsupportedOperationException(this + " has no asynchronous acquire");
    }

    /** Gives a place in the line up, in the way that the pool's users would ({@link Ability#WITHDRAWS}). */
    default void withdraw(int endpoint, Object place) {
        throw new UnsupportedOperationException(this + " lets nobody give up");
    }

    /** A connection that the pool has never seen: for measuring what the pool adds to it. */
    default Object spare(int endpoint) {
        return new Connection(endpoint);
    }

    /**
     * Closes all that is idle, and has the pool forget it, as the pool's users would.
     *
     * @return false if they cannot
     */
    default boolean closeIdle() {
        return false;
    }

    /** Runs many cycles where the pool wants them: on its event loop if it is confined to one, else here. Returns when they are done. */
    default void confine(Runnable cycles) {
        cycles.run();
    }

    /** Ends the pool, its connections and its threads. */
    @Override
    void close();
}
