package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.spi.DialException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The last step of a dial: the program makes the connection ready for its first lease ({@link ManagerBuilder#setup}).
 * For the connection it is a lease like any other, with a clean-up behind it; it is not given to a waiter. It ends in
 * one of two ways, once: the connection is ready, or it is closed. No method takes a lock: foreign code may hold this
 * object's monitor.
 */
final class SetupLease<C> implements Lease<C> {
    /** Every change is a compare-and-set from the state that was looked at, so each end happens once. */
    private enum Step {
        /** The program uses the connection. */
        AT_WORK,
        /** The program has done well, and the connection is being cleaned up after it. */
        CLEANING_UP,
        /** Something went wrong; the dial has failed as soon as the connection is closed. */
        CLOSING,
        OVER
    }

    /** @param failure why it is closing */
    private record State(Step step, @Nullable Throwable failure) {
        State(Step step) {
            this(step, null);
        }
    }

    private final DialSequence<C> dialSequence;
    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;
    private final AcquireRequest request;
    private final AtomicReference<State> state = new AtomicReference<>(new State(Step.AT_WORK));
    private final AtomicReference<@Nullable C> handle = new AtomicReference<>();

    /**
     * What the program has begun, until it is given up. Written before the state is read, and read after that is
     * written.
     */
    private final AtomicReference<@Nullable CompletionStage<?>> work = new AtomicReference<>();

    SetupLease(DialSequence<C> dialSequence, PooledConnection<C> connection, ManagerContext<C> context) {
        this.dialSequence = dialSequence;
        this.connection = connection;
        this.context = context;
        this.request = AcquireRequest.to(connection.endpoint());
    }

    void begin() {
        context.executor().execute(this::work);
    }

    private void work() {
        try {
            var setup = Objects.requireNonNull(context.setup());
            CompletionStage<?> begun = setup.apply(connection(), connection.endpoint());
            work.set(Objects.requireNonNull(begun, "the set-up's stage"));
            if (isEnded()) {
                cancelWork();
            }
            begun.whenComplete((ignored, thrown) -> {
                if (thrown == null) {
                    cleanUp();
                } else {
                    fail(cause(thrown));
                }
            });
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    private void cleanUp() {
        State before = state.get();
        if (before.step == Step.AT_WORK && state.compareAndSet(before, new State(Step.CLEANING_UP))) {
            connection.cleanUpAfterSetUp();
        }
    }

    /** The answer to the clean-up. @return false if none is waited for here */
    boolean cleanedUp(boolean quiet) {
        State before = state.get();
        if (before.step != Step.CLEANING_UP) {
            return false;
        }
        if (!quiet) {
            fail(new IllegalStateException("the set-up left the connection with something unread or half-sent"));
        } else if (state.compareAndSet(before, new State(Step.OVER))) {
            dialSequence.ready();
        }
        return true;
    }

    /** The dial is to be given up. */
    void stop() {
        fail(new IllegalStateException("stopped during the set-up"));
    }

    /** @return the step that it was in */
    private Step fail(Throwable cause) {
        State before = state.get();
        State closing = new State(Step.CLOSING, cause);
        while (before.step == Step.AT_WORK || before.step == Step.CLEANING_UP) {
            if (state.compareAndSet(before, closing)) {
                // The connector is foreign code, and this may be any thread.
                context.executor().execute(connection::close);
                giveUpWork();
                return before.step;
            }
            before = state.get();
        }
        return before.step;
    }

    /** The connection is gone. */
    void closed(@Nullable Throwable cause) {
        State before = state.getAndSet(new State(Step.OVER));
        if (before.step == Step.OVER) {
            return;
        }
        giveUpWork();
        Throwable why = before.failure != null ? before.failure : cause;
        String text = why == null ? "the peer closed the connection during the set-up" : String.valueOf(why);
        int number = why instanceof DialException known ? known.errorNumber() : 0;
        dialSequence.notReady(new DialException(Phase.SETUP, number, text, why));
    }

    private void giveUpWork() {
        if (work.get() != null) {
            context.executor().execute(this::cancelWork);
        }
    }

    private void cancelWork() {
        if (work.getAndSet(null) instanceof Future<?> future) {
            context.listeners().guard("the set-up's stage", () -> future.cancel(true));
        }
    }

    // ---- as the connection sees it

    @Override
    public C connection() {
        C made = handle.get();
        if (made == null) {
            checkAtWork();
            C fresh = connection.handle(this, 0);
            C stored = handle.compareAndExchange(null, fresh);
            made = stored == null ? fresh : stored;
        }
        checkAtWork();
        return made;
    }

    private void checkAtWork() {
        if (isEnded()) {
            throw new IllegalStateException("the set-up of " + connection + " is over");
        }
    }

    @Override
    public boolean isEnded() {
        return state.get().step != Step.AT_WORK;
    }

    @Override
    public AcquireRequest request() {
        return request;
    }

    @Override
    public LeaseOrigin origin() {
        return LeaseOrigin.NEW;
    }

    @Override
    public int uses() {
        return 0;
    }

    @Override
    public Timings timings() {
        return dialSequence.timings(0);
    }

    /** A set-up ends with its stage, and not before. */
    @Override
    public boolean release() {
        throw new UnsupportedOperationException("a set-up ends with its stage");
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        return release();
    }

    @Override
    public boolean invalidate(@Nullable Throwable cause) {
        Throwable why = cause != null ? cause : new IllegalStateException("invalidated during the set-up");
        return fail(why) == Step.AT_WORK;
    }

    @Override
    public String toString() {
        return "set-up of " + connection;
    }
}
