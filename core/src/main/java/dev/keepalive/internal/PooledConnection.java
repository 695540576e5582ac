package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The outer part of a slot: carries what the machine wants to the connector, and what the connector says to the
 * machine. Safe from any thread.
 */
final class PooledConnection<C> extends ConnectionState implements LinkEvents<C> {
    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(PooledConnection.class, "holder", LeaseReference.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    // What every lease needs stands first, and so together.
    private final ManagerContext<C> context;
    private volatile @Nullable Link<C> link;

    /** Changes with the machine's events. */
    private volatile @Nullable ConnectionBag<C> bag;

    /**
     * The present lease, if forgotten leases are to be found. Written by the thread that makes or ends the lease,
     * beside a change of the word; read by other threads only for a lease that is garbage, or to report one. Release
     * and acquire: who finds a reference must find it whole, and no more hangs on it than the word decides. Only
     * compare-and-set takes one away after the next holder may have come.
     */
    private @Nullable LeaseReference holder;

    private final Slot slot;

    /** Until the connection is idle for the first time. */
    private volatile @Nullable DialSequence<C> dialSequence;

    private volatile boolean announced;
    private volatile boolean gone;
    private volatile boolean spokeOutOfTurn;
    private volatile @Nullable Throwable closeCause;

    /**
     * The event loop that it is on. Plain: written once, in {@link #ready}, before the machine hears of the connection;
     * racks are filled under the machine's lock afterwards, and {@code Rack.held} is volatile. So whoever finds the
     * connection in a rack finds this.
     */
    private @Nullable Executor loop;

    PooledConnection(Slot slot, ManagerContext<C> context) {
        this.slot = slot;
        this.context = context;
        this.dialSequence = new DialSequence<>(this, context);
    }

    Slot slot() {
        return slot;
    }

    /** What the connection leads to. */
    Endpoint endpoint() {
        return slot.endpoint();
    }

    // ---- what the machine asks

    @Override
    public boolean park(long since) {
        dialSequence = null;
        awaitQuiet();
        bag = context.bags().put(this, bag);
        return super.park(since);
    }

    @Override
    public long lastUsed() {
        ConnectionBag<C> mine = bag;
        if (mine != null) {
            mine.calm();
        }
        return super.lastUsed();
    }

    @Override
    public void markDead() {
        super.markDead();
        ConnectionBag<C> mine = bag;
        if (mine != null) {
            bag = null;
            context.bags().removeForEver(this, mine);
        }
    }

    /** What is under way until it is open; null afterwards. */
    @Nullable
    DialSequence<C> dialSequence() {
        return dialSequence;
    }

    // ---- what the connector says of the dial

    @Override
    public void phaseStarted(Phase phase) {
        DialSequence<C> under = dialSequence;
        if (under != null) {
            under.entered(phase);
        }
    }

    @Override
    @SuppressWarnings("ConstantValue") // a connector may not have been checked for nulls
    public void opened(Link<C> opened) {
        if (opened == null) {
            failed(new NullPointerException("the connector opened a link that is null"));
            return;
        }
        DialSequence<C> under = dialSequence;
        boolean first = under != null && under.opened(opened);
        if (!first && opened != link) {
            context.listeners().guard("the connector's close", opened::close);
        }
    }

    @Override
    public void failed(Throwable cause) {
        DialSequence<C> under = dialSequence;
        if (under != null) {
            under.failed(cause);
        }
    }

    /** There is a connection. */
    void holds(Link<C> opened) {
        link = opened;
    }

    /** It is the machine's from now on. */
    void ready() {
        int number = context.eventLoops().numberOf(open(), context.listeners());
        loop = context.eventLoops().loop(number);
        boolean told =
                context.machine().submit((machine, now) -> machine.dialDone(slot, DialResult.OPENED, number, now));
        if (!told) {
            // The manager has failed and looks for nothing any more.
            context.executor().execute(this::close);
            return;
        }
        announced = true;
        if (gone) {
            closed(closeCause);
        }
    }

    /**
     * The set-up has done well: the connection is cleaned up after it as after a lease, and what comes unasked from now
     * on was not asked for.
     */
    void cleanUpAfterSetUp() {
        isSetUp();
        context.listeners().guard("the connector's setUp", open()::setupDone);
        awaitQuiet();
        cleanUp(0);
        Boolean quiet = announce();
        if (quiet != null) {
            tellReset(quiet);
        }
    }

    // ---- leases

    boolean isOn(Executor some) {
        return loop == some;
    }

    /**
     * Leases this connection if it is idle, without the machine; else null. Everything is made before the word is
     * changed: a stack overflow between that and storing the holder would lose the connection.
     */
    @Nullable
    PooledLease<C> lend(AcquireRequest request, @Nullable AcquireRequest detail, @Nullable AcquireSite site, long now) {
        long number = toBorrow();
        if (number == 0) {
            return null;
        }
        PooledLease<C> lease = PooledLease.immediate(this, number, request);
        LeaseReference reference = reference(lease, detail, site);
        if (!borrow(number, now)) {
            return null;
        }
        // Plain: nothing is called here, see borrow. Who ends the lease got it from this thread; others find the
        // reference in the queue of the garbage collector, which orders what they read behind this.
        holder = reference;
        return lease;
    }

    boolean isIn(ConnectionBag<C> any) {
        return bag == any;
    }

    /** Makes lease number {@code number} of this slot, which the machine has decided on. */
    PooledLease<C> lease(long number, AcquireCallback<C> callback, LeaseOrigin origin, long now) {
        AcquireDetails details = callback.details();
        long waitedNanos = now - details.at();
        DialSequence<C> fresh = origin == LeaseOrigin.NEW ? dialSequence : null;
        Timings timings = fresh == null ? Timings.ofWait(waitedNanos) : fresh.timings(waitedNanos);
        PooledLease<C> lease = PooledLease.decided(this, number, details.request(), origin, timings);
        leased(now);
        this.holder = reference(lease, details.request(), details.site());
        return lease;
    }

    private LeaseReference reference(
            PooledLease<C> lease, @Nullable AcquireRequest detail, @Nullable AcquireSite site) {
        return LeaseReference.to(lease, context.garbage(), this, detail, site);
    }

    /** @param number of the lease; 0 for a set-up */
    C handle(Lease<C> lease, long number) {
        return open().handle(lease, number);
    }

    // ---- the end of a lease

    /** The holder ends the lease, for the connection to be kept; {@link #giveBack} does the rest. */
    ReleaseRoute end(long lease) {
        return release(lease, context.clock().coarse());
    }

    /**
     * The holder ends the lease, for the connection to be kept as one to another endpoint; {@link #giveBack} does the
     * rest. No lock is held while the connector is asked: another end of the lease wins meanwhile.
     *
     * @throws IllegalArgumentException if it cannot be that: then the lease has not ended, and the connection is what
     *     it was
     */
    ReleaseRoute endAs(long lease, Endpoint as) {
        context.connector().requireSupported(as);
        String owner = endpoint().owner();
        if (owner != null && !owner.equals(as.owner())) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection is one to "
                    + endpoint() + ", and belongs to owner '" + owner + "' for as long as it is open");
        }
        ReleaseRoute ended = beginRekey(lease);
        if (ended != null) {
            return ended;
        }
        try {
            open().rekey(as);
        } catch (Throwable refused) {
            cancelRekey(lease);
            throw refused;
        }
        return endRekeyed(lease);
    }

    private void cleanUp(long lease) {
        try {
            open().reset(lease);
        } catch (Throwable thrown) {
            context.listeners().misbehaved("the connector's reset", thrown);
            resetDone(false);
        }
    }

    /**
     * A lease has just ended: the connection is cleaned up, at once or by and by.
     *
     * @param as what it leads to from now on, if that changes; then the machine knows of the lease
     */
    void giveBack(long lease, ReleaseRoute route, @Nullable Endpoint as) {
        // Plain: it is this lease's, stored before the lease was passed on.
        LeaseReference ending = holder;
        switch (route) {
            case RETURNED_DIRTY -> bringBack(lease, ending);
            case RESETTING -> {
                awaitQuiet();
                cleanUp(lease);
                released(lease, as);
                forget(ending);
            }
            case DEAD -> {
                released(lease, ReleaseKind.NOT_REUSABLE, null);
                forget(ending);
            }
            case BEFORE -> {}
        }
    }

    /** What was lent is idle as soon as it is quiet; if the machine has taken it meanwhile, it is told. */
    private void bringBack(long lease, @Nullable LeaseReference ending) {
        // Before another holder can have the connection, whose reference would be lost else. Release is enough: the
        // word is changed behind it, and whoever borrows has read that.
        HOLDER.setRelease(this, (LeaseReference) null);
        try {
            cleanUp(lease);
            if (!returnsLater(lease)) {
                released(lease, null);
            }
        } catch (Throwable cutShort) {
            // For want of stack, say: then the lease is found when it is garbage. Unless it was brought back: there may
            // be another holder by now, which the compare-and-set leaves alone.
            if (isEnding(lease)) {
                HOLDER.compareAndSet(this, (LeaseReference) null, ending);
            }
            throw cutShort;
        }
    }

    /** Tells the machine of a release, and of the clean-up as far as it has come. */
    private void released(long lease, @Nullable Endpoint as) {
        Boolean quiet = isQuiet();
        if (quiet != null) {
            released(lease, quiet ? ReleaseKind.REUSE : ReleaseKind.NOT_REUSABLE, quiet ? as : null);
            return;
        }
        released(lease, ReleaseKind.RESET, as);
        // Only now may an answer go to the machine by itself; one that came meanwhile is brought from here.
        Boolean meanwhile = announce();
        if (meanwhile != null) {
            tellReset(meanwhile);
        }
    }

    @Override
    public void resetDone(boolean quiet) {
        long lease = leases();
        ResetRouting to = answered(quiet);
        if (to == ResetRouting.RETURNED && !quiet) {
            released(lease, ReleaseKind.NOT_REUSABLE, null);
        } else if (to == ResetRouting.TO_MACHINE) {
            tellReset(quiet);
        }
    }

    private void tellReset(boolean quiet) {
        DialSequence<C> under = dialSequence;
        if (under == null || !under.cleanedUp(quiet)) {
            context.machine().submit((machine, now) -> machine.resetDone(slot, quiet, now));
        }
    }

    /** @return false if the lease had ended before */
    boolean discard(long lease, @Nullable Throwable cause) {
        LeaseReference ending = holder;
        if (!discard(lease)) {
            return false;
        }
        if (cause != null) {
            closeCause = cause;
        }
        released(lease, ReleaseKind.INVALIDATED, null);
        forget(ending);
        return true;
    }

    /** A lease has become garbage; if nobody ended it, or not to the end, the connection goes with it. */
    void reclaim(LeaseReference reference) {
        long lease = leases();
        if (HOLDER.getAcquire(this) == reference && abandon(lease)) {
            LeaseReference.Report report = reference.report(context.clock().now());
            forget(reference);
            released(lease, ReleaseKind.LEAKED, null);
            context.listeners().forgotten(report);
        }
    }

    /** The present lease, as far as the link knows of it. */
    LeaseReference.@Nullable Report report(long now) {
        LeaseReference present = (LeaseReference) HOLDER.getAcquire(this);
        return present == null ? null : present.report(now);
    }

    /**
     * Lets go of the reference of a lease whose end the machine has heard of. Not before: if anything failed on the way
     * there, the lease is still found when it is garbage.
     */
    private void forget(@Nullable LeaseReference reference) {
        HOLDER.compareAndSet(this, reference, null);
    }

    private void released(long lease, ReleaseKind kind, @Nullable Endpoint as) {
        context.machine().submit((machine, now) -> machine.released(slot, lease, kind, as, now));
    }

    // ---- the end

    @Override
    public boolean inputReceived() {
        InputRouting heard = routeInput();
        spokeOutOfTurn |= heard == InputRouting.UNEXPECTED;
        return heard == InputRouting.TO_HOLDER;
    }

    @Override
    public void retire() {
        context.machine().submit((machine, now) -> machine.retire(slot, now));
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        if (closeCause == null) {
            closeCause = cause;
        }
        gone = true;
        setDead();
        // What comes before the machine has heard that the dial succeeded is brought to it afterwards, by ready().
        DialSequence<C> under = dialSequence;
        if (announced) {
            CloseReason unasked = spokeOutOfTurn ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED;
            context.machine().submit((machine, now) -> machine.closed(slot, unasked, now));
        } else if (under != null) {
            under.closed(closeCause);
        }
    }

    boolean isGone() {
        return gone;
    }

    @Nullable
    Throwable closeCause() {
        return closeCause;
    }

    void close() {
        Link<C> open = link;
        if (open != null) {
            context.listeners().guard("the connector's close", open::close);
        }
    }

    /**
     * The manager has failed: what is open is closed, a dial is stopped. One that succeeds all the same is closed by
     * {@link #ready}.
     */
    void abort() {
        DialSequence<C> under = dialSequence;
        if (link != null) {
            close();
            tellGone(CloseReason.MANAGER_CLOSED);
        } else if (under != null) {
            under.stop();
        }
    }

    void tellGone(CloseReason reason) {
        Throwable cause = closeCause;
        int uses = (int) Math.min(leases(), Integer.MAX_VALUE);
        context.listeners().tell(listener -> listener.closed(slot.endpoint(), reason, uses, cause));
    }

    private Link<C> open() {
        return Objects.requireNonNull(link, "a link that was never opened");
    }

    @Override
    public String toString() {
        return "connection " + slot.number() + " to " + slot.endpoint();
    }
}
