package dev.keepalive;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

/** The manager for callers that wait. */
final class Blocking<C> implements BlockingConnections<C> {
    private final Shell<C> shell;

    Blocking(Shell<C> shell) {
        this.shell = shell;
    }

    @Override
    public Lease<C> acquire(AcquireRequest request) throws AcquireException, InterruptedException {
        if (shell.connector().callerLoop() != null) {
            throw new IllegalStateException(
                    "blocking on an event loop, which may be the one that is to bring the answer");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Lease<C> lent = shell.borrow(request);
        return lent != null ? lent : shell.acquireBlocked(request).await();
    }

    @Override
    public <T, X extends Exception> T use(AcquireRequest request, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException {
        Objects.requireNonNull(work, "work");
        try (Lease<C> lease = acquire(request)) {
            T result = work.with(lease);
            if (result instanceof CompletionStage || result instanceof Future) {
                throw new IllegalStateException(
                        "blocking use returned a " + result.getClass().getName()
                                + ", which may not be done yet: wait for it inside, or use ConnectionManager.use");
            }
            lease.release();
            return result;
        }
    }
}
