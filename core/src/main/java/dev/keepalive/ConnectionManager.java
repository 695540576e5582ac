package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Owns the connections to many endpoints: it opens, limits, reuses, watches, expires and closes them, and queues the
 * acquires that must wait.
 *
 * <p>Safe from any thread. Only {@link #blocking} blocks. Several managers in one program are independent of each
 * other, unless they share a {@link Budget}. A program usually has one.
 *
 * <p>An acquire gets an idle connection if there is one and no other acquire waits for it. Of several idle connections
 * it gets the first, so that those that are not needed reach their idle timeout. Otherwise the acquire waits in the
 * wait queue of its endpoint, first come, first served, while a connection is opened, as far as the limits allow. It
 * gets that connection, or one that is released before, whichever is first. At the total limit, idle connections to
 * other endpoints are closed to make room, least recently used first. Every acquire is answered exactly once.
 *
 * <p>If the answer is there at once, the future is complete when {@code acquire} returns. Any other answer is delivered
 * by a task of its own: on the connector's event loop if the acquire was called there, else on the executor given as
 * {@link ManagerBuilder#callbackExecutor}. A callback that blocks occupies one thread of that executor; it delays
 * another acquire only if all of them are blocked.
 *
 * <p>A manager that has failed, by a defect or for want of memory, is closed. Then {@link #tryAcquire},
 * {@link #snapshot}, {@link #evict} and the changes of limits throw an {@link IllegalStateException}, whose cause says
 * why.
 *
 * @param <C> the type of connection
 */
public interface ConnectionManager<C> extends AutoCloseable {
    /**
     * A builder for a manager whose connections this connector opens. From {@link ManagerBuilder#build} on, the
     * connector belongs to the manager and is closed with it.
     */
    static <C> ManagerBuilder<C> builder(Connector<C> connector) {
        return new ManagerBuilder<>(connector);
    }

    /**
     * Runs asynchronous work with a connection and ends the lease. When the work's stage completes normally, the
     * connection is released. When the stage fails, the connection is invalidated, unless the failure is one that
     * {@linkplain KeepsConnection keeps the connection}: then it is released. So an answer that says no fails the
     * caller's stage and costs no connection. If the work has ended the lease itself, nothing more is done.
     *
     * <p>Cancelling the result cancels the acquire while it waits; afterwards it invalidates the lease and cancels the
     * work's stage.
     *
     * @param work starts the work; called on the thread that delivers the lease
     * @return completes with the work's result, or with the failure of the acquire ({@link AcquireException}) or of the
     *     work. If this method was called on an event loop of the connector, the result completes there. Else it
     *     completes on the thread that completes the work's stage, or on the manager's executor if that thread is an
     *     event loop. So a dependent stage that blocks delays no other connection, unless this method was called on an
     *     event loop
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    <T> CompletableFuture<T> use(AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work);

    /**
     * The same as {@link #use(AcquireRequest, Function)}, with an executor on which the result completes. With
     * {@code Runnable::run} that is the thread that completes the work's stage: it saves a task, and if that thread is
     * an event loop of the connector, a dependent stage must not block.
     *
     * @param continueOn where the result of the work, or its failure, completes the future; if it refuses the task, the
     *     manager's executor takes it
     */
    <T> CompletableFuture<T> use(
            AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work, Executor continueOn);

    /** The same as {@link #use(AcquireRequest, Function)} for a request without optional parts. */
    default <T> CompletableFuture<T> use(Endpoint endpoint, Function<Lease<C>, ? extends CompletionStage<T>> work) {
        return use(AcquireRequest.to(endpoint), work);
    }

    /**
     * Asks for a connection. The caller owns the lease that the future completes with, and must end it. Never blocks.
     *
     * <p>To cancel the acquire while it waits, cancel the future or complete it from outside, or do so to its only
     * dependent stage. Waiting for the future on an event loop of the connector is refused with an
     * {@link IllegalStateException}.
     *
     * @return completes with the lease or with an {@link AcquireException}
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    CompletableFuture<Lease<C>> acquire(AcquireRequest request);

    /** The same as {@link #acquire(AcquireRequest)} for a request without optional parts. */
    default CompletableFuture<Lease<C>> acquire(Endpoint endpoint) {
        return acquire(AcquireRequest.to(endpoint));
    }

    /**
     * Asks for a connection and answers by a callback. The returned future is only for cancelling: it completes with
     * null before the callback runs, so its completion does not mean that the callback has run. Never blocks.
     *
     * <p>Exactly one of the two callbacks is called, unless the acquire is cancelled. The answer is always posted to
     * the given executor, even if the connection was idle. If that is the connector's event loop on which this method
     * is called, it gets the answer directly, which is the cheapest way to wait; any other executor is called by a task
     * of the manager's. If the executor refuses the answer, {@code onFailure} is called on the manager's own executor.
     * An exception of a callback is reported to the listener and changes nothing: the lease stays with its holder.
     *
     * @param request what to acquire
     * @param executor where the answer is posted
     * @param onLease takes the lease; the callee owns it and must end it
     * @param onFailure takes the failure
     * @return a future for cancelling: if {@code cancel} returns true, the acquire is cancelled and neither callback is
     *     called
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    Future<?> acquire(
            AcquireRequest request,
            Executor executor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure);

    /**
     * Leases an idle connection if there is one. Never waits, never overtakes a waiter, never opens a connection. The
     * request's timeout is ignored; its label and context are in the lease.
     *
     * @return a lease, which the caller owns and must end; null if no connection is idle or has room, or the manager is
     *     closed
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    @Nullable
    Lease<C> tryAcquire(AcquireRequest request);

    /** The same as {@link #tryAcquire(AcquireRequest)} for a request without optional parts. */
    default @Nullable Lease<C> tryAcquire(Endpoint endpoint) {
        return tryAcquire(AcquireRequest.to(endpoint));
    }

    /** The manager's name in messages, thread names and snapshots. */
    String name();

    /** The methods for callers that block until the answer is there. They use the same connections. */
    BlockingConnections<C> blocking();

    /**
     * The state of the manager now. For people and monitors, not for decisions. Its {@code toString} is a full dump,
     * for example for the report of an incident.
     */
    Snapshot snapshot();

    /**
     * Changes {@link ManagerBuilder#maxOpen}, the limit on all connections together, at run time. A raised limit serves
     * waiters at once. Above a lowered limit, idle connections and dials are ended at once, and leased connections are
     * closed when they are released, before a waiter is served with them.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxOpen(int maxOpen);

    /**
     * Changes {@link ManagerBuilder#maxOpenPerEndpoint}, the limit on connections to each endpoint, at run time. A
     * raised or lowered limit has the same effects as with {@link #maxOpen}.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxOpenPerEndpoint(int maxOpenPerEndpoint);

    /**
     * Changes {@link ManagerBuilder#maxWaitingPerEndpoint}, the limit on waiting acquires for each endpoint, at run
     * time. Acquires that wait already go on waiting.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxWaitingPerEndpoint(int maxWaitingPerEndpoint);

    /**
     * Changes {@link ManagerBuilder#maxDialsPerEndpoint}, the limit on concurrent dials for each endpoint, at run time.
     * Dials that are under way go on.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxDialsPerEndpoint(int maxDialsPerEndpoint);

    /**
     * Closes the connections to the endpoints that match, and has the connector forget their TLS sessions, also those
     * with their proxies and those of STARTTLS. Idle connections are closed at once; connections that are in use or
     * being opened are closed when they are released. A dial that begins after this call makes a full TLS handshake: it
     * verifies the peer and shows the client certificate of now. Use it when an address, a certificate or a password
     * has changed, when trust was withdrawn, or before the process is suspended.
     *
     * @param which called on the calling thread, for each endpoint that has a connection or a waiter, or that the
     *     connector remembers, such as a proxy or an endpoint that has no connection any more; without a lock. What it
     *     throws is passed on; the sessions of an endpoint for which it throws are forgotten
     */
    void evict(Predicate<? super Endpoint> which);

    /**
     * Closes the manager gracefully. New acquires are refused with {@link AcquireException.Closed}. Acquires that wait
     * are still served. A released connection serves a waiter or is closed. When nothing is left, or when the timeout
     * has passed, the manager does the rest as {@link #close} does. Never blocks. A second call can only shorten the
     * time.
     *
     * @param timeout zero or more
     * @return completes when the manager is closed, as {@link #closed} does: with true if nothing was cut short; with
     *     false if {@code close} or the timeout failed a waiter or closed a leased connection, or if the connector had
     *     to be given up
     * @throws IllegalArgumentException if the timeout is negative
     */
    CompletionStage<Boolean> drain(Duration timeout);

    /**
     * Closes the manager at once: it fails every waiter with {@link AcquireException.Closed}, stops every dial, and
     * closes every connection, leased ones too, and then the connector. Never blocks; {@link #closed} tells when it is
     * done. A second call does nothing.
     *
     * <p>In a try-with-resources, wait inside the block for everything that was acquired in it.
     */
    @Override
    void close();

    /**
     * Completes when the manager has been closed, and all connections and the connector are closed. If the connector
     * never reports the end of a connection, or its own, the manager gives that up after 5 s.
     *
     * @return refuses to block an event loop of the connector, with an {@link IllegalStateException}
     */
    CompletionStage<Void> closed();
}
