package dev.keepalive.internal;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The program's predicate of an eviction, as the connector gets it: what the predicate throws is not the connector's
 * fault, and goes to the caller. An endpoint for which it throws counts as one that matches, so that nothing is kept
 * that should be forgotten. Not safe for use by several threads.
 */
final class EvictionFilter implements Predicate<Endpoint> {
    private final Predicate<? super Endpoint> which;
    private @Nullable RuntimeException exception;
    private @Nullable Error error;

    private EvictionFilter(Predicate<? super Endpoint> which) {
        this.which = Objects.requireNonNull(which, "which");
    }

    /** Has the connector forget. Throws what the predicate throws. */
    static void forget(Connector<?> connector, Predicate<? super Endpoint> which, ListenerDispatcher listeners) {
        EvictionFilter filter = new EvictionFilter(which);
        listeners.guard("the connector's forget", () -> connector.forget(filter));
        filter.rethrow();
    }

    @Override
    public boolean test(Endpoint endpoint) {
        try {
            return which.test(endpoint);
        } catch (RuntimeException thrown) {
            exception = thrown;
        } catch (Error thrown) {
            error = thrown;
        }
        return true;
    }

    /** Throws what the predicate has thrown last, if it has thrown anything. */
    private void rethrow() {
        if (error != null) {
            throw error;
        } else if (exception != null) {
            throw exception;
        }
    }
}
