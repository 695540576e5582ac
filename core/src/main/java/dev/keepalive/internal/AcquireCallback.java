package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Whom the answer to one acquire is for. It gets exactly one of the two answers, and never throws. */
interface AcquireCallback<C> {
    AcquireDetails details();

    default AcquireRequest request() {
        return details().request();
    }

    /**
     * Where it takes an answer that is not its own call's; null if any thread will do, because no foreign code runs.
     */
    @Nullable
    Executor executor();

    /** True if that is an executor of the manager or its connector, not of somebody who asks. */
    default boolean executorIsTrusted() {
        return true;
    }

    /** True if it takes an answer that is there at once within its own call. */
    default boolean takesAnswerInCall() {
        return true;
    }

    void deliver(PooledLease<C> lease);

    void fail(AcquireException failure);
}
