package dev.keepalive.internal;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a {@link SteppedProgram} that are no steps: its fixed options, and a connector whose dials the program
 * answers.
 */
abstract class SteppedContext<C> implements ManagerContext<C>, Connector<C> {
    /** Longer than any test advances the clock. */
    static final long LONG = 1_000_000;

    static final long IDLE_TIMEOUT = 1000;

    private final EventLoopNumbers eventLoops = new EventLoopNumbers();

    @Override
    public final Connector<C> connector() {
        return this;
    }

    @Override
    public final Duration dialTimeout() {
        return Duration.ofSeconds(1);
    }

    @Override
    public final @Nullable BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup() {
        return null;
    }

    @Override
    public final Executor executor() {
        return Runnable::run;
    }

    @Override
    public final EventLoopNumbers eventLoops() {
        return eventLoops;
    }

    @Override
    public final SharedBudget.@Nullable Member member() {
        return null;
    }

    @Override
    public final Limits limits() {
        return new Limits(1, 1, 1, 1);
    }

    @Override
    public final long acquireTimeout() {
        return LONG;
    }

    @Override
    public final boolean retryDials() {
        return false;
    }

    @Override
    public final @Nullable AcquireSite site() {
        return null;
    }

    @Override
    public final void claim() {
        throw new UnsupportedOperationException("the manager dials without it");
    }

    @Override
    public final void requireSupported(Endpoint endpoint) {
        // every endpoint is supported
    }

    @Override
    public final Dial connect(DialRequest request, LinkEvents<C> events) {
        return () -> {};
    }

    @Override
    public final CompletionStage<?> close() {
        throw new UnsupportedOperationException("the manager dials without it");
    }
}
