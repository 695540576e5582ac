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
 * How a slot comes by its connection: the permit, the dial, the set-up. Forgotten when that is done. Safe from any
 * thread; no lock is held while the connector or the program runs.
 */
final class DialSequence<C> {
    /** In place of a dial: the connector has not returned it yet. */
    private static final Dial BEGINNING = () -> {};

    /** In place of a dial: it is to be stopped as soon as the connector returns it. */
    private static final Dial STOPPED = () -> {};

    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;
    private final PhaseTimer clock;
    private final @Nullable PermitRequest permit;
    private final AtomicReference<@Nullable Dial> dial = new AtomicReference<>();
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile @Nullable SetupLease<C> setup;
    private volatile @Nullable DialException failure;

    DialSequence(PooledConnection<C> connection, ManagerContext<C> context) {
        this.connection = connection;
        this.context = context;
        this.clock = new PhaseTimer(context.clock());
        SharedBudget.Member member = context.member();
        this.permit = member == null ? null : new PermitRequest(connection.slot(), context.machine(), member);
    }

    // ---- the permit

    void ask() {
        clock.enter(Phase.PERMIT);
        permit().request();
    }

    PermitRequest permit() {
        return Objects.requireNonNull(permit, "a permit without a budget");
    }

    // ---- the dial

    /** Dials, on a thread that may be blocked. */
    void dial() {
        if (!dial.compareAndSet(null, BEGINNING)) {
            return;
        }
        try {
            clock.enter(Phase.CONNECT);
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

    void stop() {
        Dial begun = dial.getAndSet(STOPPED);
        if (begun == null) {
            failed(new DialException(clock.phase(), 0, "stopped before it began", null));
        } else {
            context.listeners().guard("the connector's stop", begun::stop);
            SetupLease<C> making = setup;
            if (making != null) {
                making.stop();
            }
        }
    }

    void entered(Phase phase) {
        clock.enter(phase);
    }

    /** @return false if the dial has been answered before */
    boolean opened(Link<C> opened) {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        connection.holds(opened);
        if (context.setup() == null) {
            ready();
        } else {
            setUp();
        }
        return true;
    }

    void failed(Throwable cause) {
        if (answered.compareAndSet(false, true)) {
            notReady(DialException.of(cause, clock.phase()));
        }
    }

    // ---- the set-up

    private void setUp() {
        clock.enter(Phase.SETUP);
        SetupLease<C> making = new SetupLease<>(this, connection, context);
        setup = making;
        // A stop or an end that comes from now on finds the set-up; one that came before is found here.
        connection.setsUp();
        if (dial.get() == STOPPED) {
            making.stop();
        } else if (connection.isGone()) {
            making.closed(connection.closeCause());
        } else {
            making.begin();
        }
    }

    /** The answer to a clean-up. @return false if it is not the set-up's */
    boolean cleanedUp(boolean quiet) {
        SetupLease<C> making = setup;
        return making != null && making.cleanedUp(quiet);
    }

    /** The connection is gone. */
    void closed(@Nullable Throwable cause) {
        SetupLease<C> making = setup;
        if (making != null) {
            making.closed(cause);
        }
    }

    // ---- the end

    /** The dial has succeeded, its set-up included. */
    void ready() {
        setup = null;
        clock.end();
        context.listeners().tell(listener -> listener.opened(connection.endpoint(), clock.timings(0)));
        connection.ready();
    }

    /** The dial has failed, and nothing is open of it. */
    void notReady(DialException told) {
        setup = null;
        failure = dial.get() == STOPPED ? null : told;
        clock.end();
        context.listeners().tell(listener -> listener.dialFailed(connection.endpoint(), told));
        DialResult result = told.isOutOfResources() ? DialResult.OUT_OF_RESOURCES : DialResult.FAILED;
        context.machine().submit((machine, now) -> machine.dialDone(connection.slot(), result, 0, now));
    }

    /** The phase that it is in, or was in at the end. */
    Phase phase() {
        return clock.phase();
    }

    @Nullable
    DialException failure() {
        return failure;
    }

    /** The timings so far, for an acquire that waited so long. */
    Timings timings(long waitedNanos) {
        return clock.timings(waitedNanos);
    }
}
