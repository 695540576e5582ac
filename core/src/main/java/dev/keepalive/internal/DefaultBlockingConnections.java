package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.BlockingConnections;
import dev.keepalive.Lease;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The manager's blocking calls. Safe from any thread but an event loop of the connector. */
final class DefaultBlockingConnections<C> implements BlockingConnections<C> {
    private final DefaultConnectionManager<C> manager;

    DefaultBlockingConnections(DefaultConnectionManager<C> manager) {
        this.manager = manager;
    }

    @Override
    public Lease<C> acquire(AcquireRequest request) throws AcquireException, InterruptedException {
        if (manager.connector().currentEventLoop() != null) {
            throw new IllegalStateException("blocking on an event loop, which may be the one that brings the answer");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Lease<C> borrowed = manager.borrow(request);
        return borrowed != null ? borrowed : manager.acquireBlocking(request).await();
    }

    @Override
    public @Nullable Lease<C> tryAcquire(AcquireRequest request) {
        return manager.tryAcquire(request);
    }

    @Override
    public <T, X extends Exception> T use(AcquireRequest request, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException {
        Objects.requireNonNull(work, "work");
        try (Lease<C> lease = acquire(request)) {
            T result = result(work, lease);
            if (result instanceof CompletionStage || result instanceof Future) {
                throw new IllegalStateException(
                        "blocking use returned a " + result.getClass().getName()
                                + ", which may not be done yet: wait for it inside, or use ConnectionManager.use");
            }
            lease.release();
            return result;
        }
    }

    /** A failure at a message boundary releases the lease; any other one leaves it to be invalidated. */
    private static <C, T, X extends Exception> T result(Work<C, T, X> work, Lease<C> lease) throws X {
        try {
            return work.with(lease);
        } catch (Throwable failure) {
            if (UseFuture.keepsConnection(failure)) {
                release(lease, failure);
            }
            throw failure;
        }
    }

    private static void release(Lease<?> lease, Throwable failure) {
        try {
            lease.release();
        } catch (Throwable cutShort) {
            failure.addSuppressed(cutShort);
        }
    }
}
