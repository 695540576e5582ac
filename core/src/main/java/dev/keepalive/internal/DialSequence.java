package dev.keepalive.internal;

import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.Slot;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The steps by which a slot gets its open connection: the permit, the dial, the setup, and room for a lease. Dropped
 * when the connection is idle for the first time; one that takes several leases keeps it, with its capacity. Safe from
 * any thread. No lock is held while the connector or the program runs.
 */
final class DialSequence<C> {
    private static final int UNTOLD = -1;

    private enum Progress {
        DIALING,
        /** The connector has answered. If the dial has not failed, the setup may be under way. */
        ANSWERED,
        /** The connection is open, its setup is complete, and it takes no lease yet. */
        AWAITING_ROOM,
        /** The connection was closed before it took a lease. */
        CLOSED_WITHOUT_ROOM,
        SUCCEEDED
    }

    /** Stands for a dial that the connector has not returned yet. */
    private static final Dial BEGINNING = () -> {};

    /** Stands for a dial that is to be stopped as soon as the connector returns it. */
    private static final Dial STOPPED = () -> {};

    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;
    private final PhaseTimer timer;
    private final @Nullable PermitRequest permit;
    private final AtomicReference<@Nullable Dial> dial = new AtomicReference<>();
    private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.DIALING);
    private volatile @Nullable SetupLease<C> setup;
    private volatile @Nullable DialException failure;

    /** How many leases the connection takes, as the link said last; {@link #UNTOLD} before. */
    private volatile int capacity = UNTOLD;

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
            if (progress.get() == Progress.AWAITING_ROOM) {
                connection.close();
            }
        }
    }

    void phaseStarted(Phase phase) {
        timer.enter(phase);
    }

    /** @return false if the dial has been answered before */
    @SuppressWarnings("ConstantValue") // a connector may not have been checked for nulls
    boolean opened(Link<C> opened) {
        if (opened == null) {
            failed(new NullPointerException("the connector opened a link that is null"));
            return false;
        }
        if (!progress.compareAndSet(Progress.DIALING, Progress.ANSWERED)) {
            return false;
        }
        boolean shared = isShared(opened);
        connection.setLink(shared ? new SharedLink<>(opened, connection, context) : opened);
        if (!shared && capacity != UNTOLD) {
            context.listeners().linkMisused(connection, "capacity " + capacity);
        }
        if (context.setup() == null) {
            ready();
        } else {
            beginSetup();
        }
        return true;
    }

    /** A link that throws when it is asked takes one lease at a time: that is safe with any link. */
    private boolean isShared(Link<C> opened) {
        try {
            return opened.isShared();
        } catch (Throwable thrown) {
            context.listeners().userCodeThrew("the connector's isShared", thrown);
            return false;
        }
    }

    void failed(Throwable cause) {
        if (progress.compareAndSet(Progress.DIALING, Progress.ANSWERED)) {
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
        if (connection.isGone()) {
            // First: a link that is closed tells nothing more, whoever closes it.
            lease.closed(connection.closeCause());
        } else if (dial.get() == STOPPED) {
            lease.stop();
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
        if (progress.compareAndSet(Progress.AWAITING_ROOM, Progress.CLOSED_WITHOUT_ROOM)) {
            dialFailed(closedWithoutRoom(cause));
        }
    }

    private DialException closedWithoutRoom(@Nullable Throwable cause) {
        if (cause instanceof DialException known) {
            return known;
        }
        String what = "the connection was closed before it took a lease";
        return new DialException(timer.phase(), 0, cause == null ? what : what + ": " + cause, cause);
    }

    // ---- room for the first lease

    /**
     * The link has said how many leases the connection takes. The machine reads the level under its lock, in an event
     * that comes after it was stored. So of two levels that come at the same time, the one that was stored last counts.
     */
    void capacity(int leases) {
        if (leases < 0) {
            throw new IllegalArgumentException("capacity " + leases + " is not allowed: 0 or more");
        }
        capacity = leases;
        Progress now = progress.get();
        if (now == Progress.SUCCEEDED) {
            context.machine().submit((machine, time) -> machine.capacity(connection.slot(), capacity, time));
        } else if (now == Progress.AWAITING_ROOM && leases > 0) {
            succeed(Progress.AWAITING_ROOM);
        }
    }

    /** True if the connection is, or was, open without room for a lease, when the dial ended. */
    boolean lacksRoom() {
        Progress now = progress.get();
        return now == Progress.AWAITING_ROOM || now == Progress.CLOSED_WITHOUT_ROOM;
    }

    private void awaitRoom() {
        progress.set(Progress.AWAITING_ROOM);
        // What comes from now on finds the new progress. What came before is found here.
        if (capacity > 0) {
            succeed(Progress.AWAITING_ROOM);
        } else if (connection.isGone()) {
            closed(connection.closeCause());
        } else if (dial.get() == STOPPED) {
            context.executor().execute(connection::close);
        }
    }

    // ---- the end

    /** The connection is open, its setup is complete: the dial has succeeded if there is room for a lease. */
    void ready() {
        setup = null;
        if (connection.shared() == null) {
            succeed(Progress.ANSWERED);
        } else {
            awaitRoom();
        }
    }

    private void succeed(Progress before) {
        if (progress.compareAndSet(before, Progress.SUCCEEDED)) {
            timer.end();
            context.listeners().opened(connection.endpoint(), timer);
            connection.ready();
        }
    }

    /**
     * The event by which the machine is told that the dial has succeeded.
     *
     * @param loop the number of the event loop that the connection is on; 0 for none
     */
    ObjLongConsumer<Machine> success(int loop) {
        Slot slot = connection.slot();
        if (connection.shared() == null) {
            return (machine, now) -> machine.dialDone(slot, DialResult.OPENED, loop, now);
        }
        context.bags().sharedOpened();
        return (machine, now) -> {
            int leases = capacity;
            machine.openedShared(slot, loop, Math.max(1, leases), now);
            if (leases < 1) {
                // The room has gone again since the dial succeeded.
                machine.capacity(slot, leases, now);
            }
        };
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
        return known == null && progress.get() == Progress.SUCCEEDED && dial.get() != STOPPED ? openedDead() : known;
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
