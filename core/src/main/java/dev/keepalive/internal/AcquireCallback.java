package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The receiver of the answer to one acquire. Exactly one of the two answers is called, once. Neither throws. */
interface AcquireCallback<C> {
    AcquireDetails details();

    default AcquireRequest request() {
        return details().request();
    }

    /**
     * Where an answer runs that does not come within the acquire's own call; null if any thread may run it, because no
     * foreign code runs.
     */
    @Nullable
    Executor executor();

    /** True for the manager's own executor and for event loops; false for any other that the caller passed. */
    default boolean executorIsTrusted() {
        return true;
    }

    /** True if an answer that is there at once may run within the acquire's own call. */
    default boolean takesAnswerInCall() {
        return true;
    }

    void deliver(Lease<C> lease);

    void fail(AcquireException failure);
}
