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
 * The lease of a connection's setup, which is the last part of a dial: the program makes the connection ready for its
 * first lease ({@link ManagerBuilder#setup}). A reset follows it, as after any lease; no waiter gets it. It ends once,
 * in one of two ways: the connection is ready, or it is closed. Safe from any thread. No method waits, and none uses
 * this object's monitor, since foreign code may hold it.
 */
final class SetupLease<C> implements Lease<C> {
    /** Each change is a compare-and-set from the state that was read, so each end happens once. */
    private enum Step {
        /** The program uses the connection. */
        RUNNING,
        /** The program's setup has succeeded, and the connection is being reset. */
        RESETTING,
        /** The setup has failed; the dial fails as soon as the connection is closed. */
        CLOSING,
        OVER
    }

    /** @param failure why the connection is being closed, in CLOSING */
    private record State(Step step, @Nullable Throwable failure) {
        State(Step step) {
            this(step, null);
        }
    }

    private final DialSequence<C> dialSequence;
    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;
    private final AcquireRequest request;
    private final AtomicReference<State> state = new AtomicReference<>(new State(Step.RUNNING));
    private final HandleOnce<C> handle = new HandleOnce<>();

    /**
     * The stage that the program's setup returned; null before, and after it was cancelled. It is written before the
     * state is read, and read after the state is written. So one side always cancels a setup that is given up.
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
            work.set(Objects.requireNonNull(begun, "the setup's stage"));
            if (isEnded()) {
                cancelWork();
            }
            begun.whenComplete((ignored, thrown) -> {
                if (thrown == null) {
                    reset();
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

    private void reset() {
        State before = state.get();
        if (before.step == Step.RUNNING && state.compareAndSet(before, new State(Step.RESETTING))) {
            resetConnection();
        }
    }

    /** Resets the connection as after a lease. Input that comes from now on is unexpected. */
    private void resetConnection() {
        connection.endSetup();
        context.listeners().guard("the connector's setupDone", connection.openLink()::setupDone);
        connection.clearResetAnswer();
        connection.startReset(0);
        Boolean reusable = connection.expectResetAnswer();
        if (reusable != null) {
            connection.submitResetDone(reusable);
        }
    }

    /** The reset is answered. @return false if this setup does not wait for it */
    boolean resetDone(boolean reusable) {
        State before = state.get();
        if (before.step != Step.RESETTING) {
            return false;
        }
        if (!reusable) {
            fail(new IllegalStateException("the setup left the connection with something unread or half-sent"));
        } else if (state.compareAndSet(before, new State(Step.OVER))) {
            dialSequence.ready();
        }
        return true;
    }

    /** Gives the setup up, since the dial is stopped. */
    void stop() {
        fail(new IllegalStateException("stopped during the setup"));
    }

    /** Closes the connection, unless the setup is over. @return the step before */
    private Step fail(Throwable cause) {
        State before = state.get();
        State closing = new State(Step.CLOSING, cause);
        while (before.step == Step.RUNNING || before.step == Step.RESETTING) {
            if (state.compareAndSet(before, closing)) {
                // The connector is foreign code, and this may be any thread.
                context.executor().execute(connection::close);
                cancelWorkLater();
                return before.step;
            }
            before = state.get();
        }
        return before.step;
    }

    /** The connection is closed: the dial has failed. */
    void closed(@Nullable Throwable cause) {
        State before = state.getAndSet(new State(Step.OVER));
        if (before.step == Step.OVER) {
            return;
        }
        cancelWorkLater();
        Throwable why = before.failure != null ? before.failure : cause;
        String text = why == null ? "the peer closed the connection during the setup" : String.valueOf(why);
        int number = why instanceof DialException known ? known.errorNumber() : 0;
        dialSequence.dialFailed(new DialException(Phase.SETUP, number, text, why));
    }

    private void cancelWorkLater() {
        if (work.get() != null) {
            context.executor().execute(this::cancelWork);
        }
    }

    private void cancelWork() {
        if (work.getAndSet(null) instanceof Future<?> future) {
            context.listeners().guard("the setup's stage", () -> future.cancel(true));
        }
    }

    // ---- called by the program's setup, through its handle

    @Override
    public C connection() {
        C made = handle.get(() -> {
            checkRunning();
            return connection.handle(this, 0);
        });
        checkRunning();
        return made;
    }

    private void checkRunning() {
        if (isEnded()) {
            throw new IllegalStateException("the setup of " + connection + " is over");
        }
    }

    @Override
    public boolean isEnded() {
        return state.get().step != Step.RUNNING;
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

    /** Not supported: a setup ends with its stage, and not before. */
    @Override
    public boolean release() {
        throw new UnsupportedOperationException("a setup ends with its stage");
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        return release();
    }

    @Override
    public boolean invalidate(@Nullable Throwable cause) {
        Throwable why = cause != null ? cause : new IllegalStateException("invalidated during the setup");
        return fail(why) == Step.RUNNING;
    }

    @Override
    public String toString() {
        return "setup of " + connection;
    }
}
