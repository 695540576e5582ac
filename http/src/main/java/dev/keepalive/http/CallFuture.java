package dev.keepalive.http;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of a call. To cancel it, or a future that depends on it, with {@code cancel(true)} ends the exchange; with
 * {@code cancel(false)} it goes on.
 */
final class CallFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    /** How the call is ended. Holds nothing once the call is over, since dependent futures refer to it. */
    static final class Handle {
        private volatile @Nullable Runnable cancel;

        void set(@Nullable Runnable newCancel) {
            cancel = newCancel;
        }

        void cancel() {
            Runnable known = cancel;
            if (known != null) {
                known.run();
            }
        }
    }

    private final Handle handle;

    CallFuture(Handle handle) {
        this.handle = handle;
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        return new CallFuture<>(handle);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean wasDone = isDone();
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (mayInterruptIfRunning && !wasDone) {
            handle.cancel();
        }
        return cancelled;
    }

    /** Refused, as by the JDK's client: what has come of a call does not change. */
    @Override
    public void obtrudeValue(T value) {
        throw new UnsupportedOperationException("the result of a call cannot be changed");
    }

    /** Refused, as {@link #obtrudeValue} is. */
    @Override
    public void obtrudeException(Throwable failure) {
        throw new UnsupportedOperationException("the result of a call cannot be changed");
    }
}
