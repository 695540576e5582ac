package dev.keepalive;

import dev.keepalive.spi.DialException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told of the events of a manager. The calls come one after the other, on the manager's executor, never on a thread
 * that acquires or releases. Two events that happen at the same time on different threads may be told in either order.
 * An exception of a listener method is logged and told to {@link #userCodeThrew}; an exception of {@code userCodeThrew}
 * itself is only logged. A listener that is too slow misses events, and {@link #eventsDropped} tells how many.
 */
public interface ConnectionListener {
    /** A listener that does nothing. */
    ConnectionListener NONE = new ConnectionListener() {};

    /**
     * A connection was opened. If its peer closes it before it can be leased, the dial has failed all the same: the
     * acquire that caused it fails, and {@link #closed} tells of no uses.
     */
    default void opened(Endpoint endpoint, Timings dial) {}

    /** A dial failed, timed out or was stopped. */
    default void dialFailed(Endpoint endpoint, DialException failure) {}

    /** An acquire was answered with a lease. */
    default void acquired(AcquireRequest request, LeaseOrigin origin, Timings timings) {}

    /** An acquire was answered with a failure. */
    default void failed(AcquireException failure) {}

    /**
     * A connection is closed.
     *
     * @param endpoint the last endpoint of the connection; the endpoint that it was released as
     *     ({@link dev.keepalive.Lease#releaseAs}), if the manager kept it as that
     * @param reason why it was closed
     * @param uses how many leases it had
     * @param cause the error that broke it, or the cause with which its holder invalidated it (if it takes one lease at
     *     a time); null if none is known
     */
    default void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {}

    /**
     * A lease leaked: it became garbage before it was ended. Its connection is closed, and the next waiter gets its
     * permits. A connection that takes several leases at a time goes on: only the lease is ended.
     *
     * @param request the request that the lease answered
     * @param held how long the lease was held
     * @param acquiredAt the stack of the acquire; null if {@link dev.keepalive.ManagerBuilder#sampleAcquireSites} did
     *     not record it
     */
    default void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {}

    /**
     * A lease of a connection that takes several at a time was invalidated. The connection goes on. For a connection
     * that takes one, {@link #closed} tells of it.
     *
     * @param request the request that the lease answered
     * @param cause the cause that its holder gave; null for none
     */
    default void leaseInvalidated(AcquireRequest request, @Nullable Throwable cause) {}

    /**
     * A lease is held for longer than {@link dev.keepalive.ManagerBuilder#leakDetectionThreshold}. Told once for each
     * lease. The parameters are those of {@link #leaseLeaked}.
     */
    default void leaseHeldTooLong(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {}

    /**
     * A lease was cut short: its holder still had the connection when the manager was closed, when the time of a drain
     * was over, or when the {@link dev.keepalive.ManagerBuilder#lingerTimeout} was. The connection is closed. Told for
     * each lease of a connection that takes several at a time, also when the manager fails. The parameters are those of
     * {@link #leaseLeaked}.
     */
    default void leaseCutShort(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {}

    /** The connector has not answered a stop or a close for some seconds. The connection still holds its permits. */
    default void closeOverdue(Endpoint endpoint) {}

    /**
     * A connection that takes several leases at a time is retired for 30 seconds, its leases have not ended, and
     * waiters of its endpoint are kept out by it. Told once for each connection.
     * {@link dev.keepalive.ManagerBuilder#lingerTimeout} says when it is closed under its holders.
     *
     * @param leases how many leases have not ended
     */
    default void connectionLingers(Endpoint endpoint, int leases) {}

    /**
     * A callback, an executor, the connector or this listener threw. Or the manager itself failed, by a defect or for
     * want of memory: then {@code source} is {@code the manager}, which closes all its connections and is closed.
     *
     * @param source what threw, in words
     * @param thrown what was thrown
     */
    default void userCodeThrew(String source, Throwable thrown) {}

    /** This many events were lost since the last call, because the listener was too slow. */
    default void eventsDropped(long events) {}
}
