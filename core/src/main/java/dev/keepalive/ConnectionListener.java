package dev.keepalive;

import dev.keepalive.spi.DialException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens in a manager. The calls come one after the other, on the manager's executor, never on a thread
 * that acquires or releases. Two events that happen at the same time on different threads may be told in either order.
 * What a listener throws is logged, and told to {@link #userCodeThrew}; what {@code misbehaved} itself throws is only
 * logged. A listener that is too slow misses events, and is told how many.
 */
public interface ConnectionListener {
    /** Hears nothing. */
    ConnectionListener NONE = new ConnectionListener() {};

    /** A connection was opened. */
    default void opened(Endpoint endpoint, Timings dial) {}

    /** A dial failed, timed out or was stopped. */
    default void dialFailed(Endpoint endpoint, DialException failure) {}

    /** An acquire was answered with a lease. */
    default void acquired(AcquireRequest request, LeaseOrigin origin, Timings timings) {}

    /** An acquire was answered with a failure. */
    default void failed(AcquireException failure) {}

    /**
     * A connection is gone.
     *
     * @param endpoint what it led to in the end; what it was released as ({@link dev.keepalive.Lease#releaseAs}), if it
     *     was ever kept as that
     * @param uses how many leases it had
     * @param cause what broke it or why its holder invalidated it, if that is known
     */
    default void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {}

    /**
     * A lease was garbage before anybody ended it; its connection is closed, and its place goes to the next in line.
     *
     * @param acquiredAt the place of the acquire as a stack, if {@link dev.keepalive.ManagerBuilder#sampleAcquireSites}
     *     took it down
     */
    default void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {}

    /**
     * A lease is held for longer than {@link dev.keepalive.ManagerBuilder#leakDetectionThreshold}; the rest as with
     * {@link #leaseLeaked}.
     */
    default void leaseHeldTooLong(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {}

    /** The connector has not answered a stop or a close for some seconds; the connection still holds its place. */
    default void closeOverdue(Endpoint endpoint) {}

    /**
     * A callback, an executor, the connector or this listener threw. Or the manager itself failed, by a defect or for
     * want of memory: then {@code who} is {@code the manager}, which closes all its connections and is closed.
     */
    default void userCodeThrew(String who, Throwable thrown) {}

    /** So many events were lost since the last one, because this listener was too slow. */
    default void eventsDropped(long events) {}
}
