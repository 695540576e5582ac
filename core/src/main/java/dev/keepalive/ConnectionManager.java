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
 * Owns the connections of many endpoints: opens, caps, queues for, reuses, watches, expires and closes them. The seed's
 * {@code POE::Component::Client::Keepalive}.
 *
 * <p>Safe from any thread. Only {@link #blocking} blocks. Several managers live side by side and know nothing of each
 * other. A program usually has one.
 *
 * <p>An acquire is answered with an idle connection, if there is one and nobody waits for it already; of several with
 * the first, so that those that are not needed come to their end. Otherwise it waits in its endpoint's line, first come
 * first served, while a connection is opened, as far as the limits allow; it gets that connection or one that is
 * released before, whichever is first. At the total limit, idle connections of other endpoints are closed for it, least
 * recently used first. Every acquire is answered exactly once.
 *
 * <p>An answer that is there at once is complete when {@code acquire} returns. Any other is delivered by a task of its
 * own: on the connector's event loop if the acquire came from one, else on the executor given as
 * {@link ManagerBuilder#callbackExecutor}. Nothing that a callback does delays anybody else.
 *
 * @param <C> the type of connection
 */
public interface ConnectionManager<C> extends AutoCloseable {
    /**
     * Begins a manager whose connections this connector opens. The connector belongs to the manager from
     * {@link ManagerBuilder#build} on, and is closed with it.
     */
    static <C> ManagerBuilder<C> builder(Connector<C> connector) {
        return new ManagerBuilder<>(connector);
    }

    /**
     * Runs work with a connection: when its stage completes normally, the connection is released, when it fails,
     * invalidated, unless the work ended the lease itself. Cancelling the result withdraws the acquire, or ends the
     * lease by invalidating it and cancels the work's stage.
     *
     * @param work starts the work; called on the thread that delivers the lease
     * @return completes with the work's result, or with what failed: the acquire ({@link AcquireException}), or the
     *     work
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    <T> CompletableFuture<T> use(AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work);

    /** {@link #use(AcquireRequest, Function)} with nothing but the endpoint. */
    default <T> CompletableFuture<T> use(Endpoint endpoint, Function<Lease<C>, ? extends CompletionStage<T>> work) {
        return use(AcquireRequest.to(endpoint), work);
    }

    /**
     * Asks for a connection. The caller owns the lease that the future completes with, and ends it. The seed's
     * {@code allocate}.
     *
     * <p>Cancelling the future, completing it from outside, or doing so to its only dependent stage withdraws the
     * acquire while it waits. Waiting for it on an event loop of the connector is refused with an
     * {@link IllegalStateException}.
     *
     * @return completes with the lease or with an {@link AcquireException}
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    CompletableFuture<Lease<C>> acquire(AcquireRequest request);

    /** {@link #acquire(AcquireRequest)} with nothing but the endpoint. */
    default CompletableFuture<Lease<C>> acquire(Endpoint endpoint) {
        return acquire(AcquireRequest.to(endpoint));
    }

    /**
     * Asks for a connection; the answer is posted to the given executor, always, also when the connection was idle:
     * exactly one of the two callbacks is called. This is the seed's form of {@code allocate}. If the executor refuses
     * the answer, {@code onFailure} is told on the manager's own executor.
     *
     * <p>What a callback throws is reported to the listener and changes nothing: the lease stays its holder's.
     *
     * @return cancelling it withdraws the acquire while it waits: then neither callback is called, and cancel returns
     *     true. It completes, with null, before the callback is called
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    Future<?> acquire(
            AcquireRequest request,
            Executor executor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure);

    /**
     * Takes an idle connection if there is one. Never waits, never overtakes a waiter, never opens a connection. The
     * request's timeout does not matter; its label and context come back with the lease.
     *
     * @return a lease, which the caller owns, or null if none is idle or the manager is closed
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     */
    @Nullable
    Lease<C> tryAcquire(AcquireRequest request);

    /** {@link #tryAcquire(AcquireRequest)} with nothing but the endpoint. */
    default @Nullable Lease<C> tryAcquire(Endpoint endpoint) {
        return tryAcquire(AcquireRequest.to(endpoint));
    }

    /** The manager's name, as messages, threads and snapshots have it. */
    String name();

    /** The same connections for callers that wait. */
    BlockingConnections<C> blocking();

    /**
     * What the manager holds now. For people and monitors, not for decisions; its {@code toString} is the dump for the
     * night.
     */
    Snapshot snapshot();

    /**
     * Changes {@link ManagerBuilder#maxOpen} at run time. Who can be served now is; what is above a lowered limit is
     * closed: at once what is idle or still being opened, the rest as it is released, before anybody waiting is served
     * with it.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxOpen(int maxOpen);

    /**
     * Changes {@link ManagerBuilder#maxOpenPerEndpoint} at run time, as {@link #maxOpen} does.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxOpenPerEndpoint(int maxOpenPerEndpoint);

    /**
     * Changes {@link ManagerBuilder#maxWaitingPerEndpoint} at run time. Who waits already keeps his place.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxWaitingPerEndpoint(int maxWaiting);

    /**
     * Changes {@link ManagerBuilder#maxDialsPerEndpoint} at run time. Dials that are under way go on.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    void maxDialsPerEndpoint(int maxDialling);

    /**
     * Closes the connections to these endpoints: those that are idle at once, those that are in use or being opened
     * when they are released. For when an address, a certificate or a password has changed, or before the process is
     * suspended.
     *
     * @param which called on the calling thread, for each endpoint that the manager knows of
     */
    void evict(Predicate<? super Endpoint> which);

    /**
     * Ends the manager by and by: newcomers are refused with {@link AcquireException.Closed}, who waits is still
     * served, what comes back is closed, and when nothing is left, or when the time is up, {@link #close} does the
     * rest. Never waits. The second call can only shorten the time.
     *
     * @param timeout zero or more
     * @return completes when the manager is closed: with true if nothing was cut short, false if {@code close} or the
     *     timeout failed a waiter or closed a connection that was leased
     */
    CompletionStage<Boolean> drain(Duration timeout);

    /**
     * Ends the manager: fails every waiter with {@link AcquireException.Closed}, stops every dial, closes every
     * connection, leased ones too, and then the connector. Never waits; {@link #closed} tells when it is done. The
     * second call does nothing. The seed's {@code shutdown}.
     *
     * <p>In a try-with-resources, join what was acquired inside the block.
     */
    @Override
    void close();

    /**
     * Completes when the manager has been closed, and every connection and the connector are closed too. A connection
     * whose end the connector never reports is given up after some seconds.
     */
    CompletionStage<Void> closed();
}
