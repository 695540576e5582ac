package dev.keepalive.internal;

import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.DialResult;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The steps by which a slot gets its open connection: the permit, the dial, the setup. Dropped when the connection is
 * idle for the first time. Safe from any thread. No lock is held while the connector or the program runs.
 */
final class DialSequence<C> {
    /** Stands for a dial that the connector has not returned yet. */
    private static final Dial BEGINNING = () -> {};

    /** Stands for a dial that is to be stopped as soon as the connector returns it. */
    private static final Dial STOPPED = () -> {};

    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;
    private final PhaseTimer timer;
    private final @Nullable PermitRequest permit;
    private final AtomicReference<@Nullable Dial> dial = new AtomicReference<>();
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile @Nullable SetupLease<C> setup;
    private volatile @Nullable DialException failure;
    private volatile boolean succeeded;

    DialSequence(PooledConnection<C> connection, ManagerContext<C> context) {
        this.connection = connection;
        this.context = context;
        this.timer = new PhaseTimer(context.clock());
        SharedBudget.Member member = context.member();
        this.permit = member == null ? null : new PermitRequest(connection.slot(), context.machine(), member);
    }

    // ---- the permit

    void requestPermit() {
        timer.enter(Phase.PERMIT);
        permit().request();
    }

    PermitRequest permit() {
        return Objects.requireNonNull(permit, "a permit without a budget");
    }

    // ---- the dial

    /** Dials, unless the dial was stopped before. Called on a thread that may block. */
    void dial() {
        if (!dial.compareAndSet(null, BEGINNING)) {
            return;
        }
        try {
            timer.enter(Phase.CONNECT);
            Dial begun = context.connector()
                    .connect(
                            DialRequest.of(connection.endpoint(), context.dialTimeout())
                                    .onEventLoop(context.eventLoops()
                                            .loop(connection.slot().loop())),
                            connection);
            if (!dial.compareAndSet(BEGINNING, Objects.requireNonNull(begun, "the connector's dial"))) {
                begun.stop();
            }
        } catch (Throwable thrown) {
            failed(thrown);
        }
    }

    /** Stops the dial, or its setup. A dial that has not begun fails here. Called on a thread that may block. */
    void stop() {
        Dial begun = dial.getAndSet(STOPPED);
        if (begun == null) {
            failed(new DialException(timer.phase(), 0, "stopped before it began", null));
        } else {
            context.listeners().guard("the connector's stop", begun::stop);
            SetupLease<C> lease = setup;
            if (lease != null) {
                lease.stop();
            }
        }
    }

    void phaseStarted(Phase phase) {
        timer.enter(phase);
    }

    /** @return false if the dial has been answered before */
    boolean opened(Link<C> opened) {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        connection.setLink(opened);
        if (context.setup() == null) {
            ready();
        } else {
            beginSetup();
        }
        return true;
    }

    void failed(Throwable cause) {
        if (answered.compareAndSet(false, true)) {
            dialFailed(DialException.of(cause, timer.phase()));
        }
    }

    // ---- the setup

    private void beginSetup() {
        timer.enter(Phase.SETUP);
        SetupLease<C> lease = new SetupLease<>(this, connection, context);
        setup = lease;
        // A stop or a close that comes from now on finds the setup. One that came before is found here.
        connection.beginSetup();
        if (dial.get() == STOPPED) {
            lease.stop();
        } else if (connection.isGone()) {
            lease.closed(connection.closeCause());
        } else {
            lease.begin();
        }
    }

    /** A reset is answered. @return false if no setup waits for it */
    boolean resetDone(boolean reusable) {
        SetupLease<C> lease = setup;
        return lease != null && lease.resetDone(reusable);
    }

    /** The connection is closed. */
    void closed(@Nullable Throwable cause) {
        SetupLease<C> lease = setup;
        if (lease != null) {
            lease.closed(cause);
        }
    }

    // ---- the end

    /** The dial has succeeded, its setup included. */
    void ready() {
        setup = null;
        timer.end();
        succeeded = true;
        context.listeners().opened(connection.endpoint(), timer);
        connection.ready();
    }

    /** The dial has failed, and nothing is open of it. */
    void dialFailed(DialException cause) {
        setup = null;
        failure = dial.get() == STOPPED ? null : cause;
        timer.end();
        context.listeners().dialFailed(connection.endpoint(), cause);
        DialResult result = cause.isOutOfResources() ? DialResult.OUT_OF_RESOURCES : DialResult.FAILED;
        context.machine().submit((machine, now) -> machine.dialDone(connection.slot(), result, 0, now));
    }

    /** The present phase; after the end, the last one. */
    Phase phase() {
        return timer.phase();
    }

    /**
     * Why the dial failed; null if it was stopped.
     *
     * <p>A dial that succeeded has failed if its connection was dead before its first lease; the machine finds that
     * out.
     */
    @Nullable
    DialException failure() {
        DialException known = failure;
        return known == null && succeeded && dial.get() != STOPPED ? openedDead() : known;
    }

    /** Why the dial has failed; null if it has not, as far as is known, or if it was stopped. */
    @Nullable
    DialException knownFailure() {
        return failure;
    }

    private DialException openedDead() {
        Throwable cause = connection.closeCause();
        String what = connection.hadUnexpectedInput()
                ? "the peer sent something that the setup has not read"
                : "the peer closed the connection before its first lease";
        return new DialException(timer.phase(), 0, cause == null ? what : what + ": " + cause, cause);
    }

    /** The timings until now, for an acquire that waited so many nanoseconds. */
    Timings timings(long waitedNanos) {
        return timer.timings(waitedNanos);
    }
}
