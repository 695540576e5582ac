package dev.keepalive.internal;

import static dev.keepalive.internal.StateLayout.NUMBER_SHIFT;
import static dev.keepalive.internal.StateLayout.RETURNED_DIRTY;
import static dev.keepalive.internal.StateLayout.STATE;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.Machine;
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
 * One connection: the outer part of a slot. It carries the machine's orders to the connector, and the connector's
 * events to the machine. Safe from any thread. No lock is taken here but the machine's, for one event.
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

    // The fields that every lease reads come first, so that they lie together.
    private final ManagerContext<C> context;
    private volatile @Nullable Link<C> link;

    /** The bag that the connection is in. Written under the machine's lock only. */
    private volatile @Nullable ConnectionBag<C> bag;

    /**
     * The reference to the present lease; null if there is none. Written by the thread that makes or ends the lease,
     * beside a change of the word. Other threads read it only to reclaim a leaked lease, or to report one. Release and
     * acquire: such a thread must find the reference whole; everything else is decided by the word. As soon as the next
     * lease may have begun, a reference is removed by compare-and-set only.
     */
    private @Nullable LeaseReference holder;

    private final Slot slot;

    /** Null as soon as the connection is idle for the first time. */
    private volatile @Nullable DialSequence<C> dialSequence;

    /** True if the machine has been told that the dial succeeded. */
    private volatile boolean dialReported;

    private volatile boolean gone;
    private volatile boolean hadUnexpectedInput;
    private volatile @Nullable Throwable closeCause;

    /**
     * The event loop of the connection. Plain: written once, in {@link #ready}, before the machine is told of the
     * connection. The machine puts the connection into a bag afterwards, and {@code ConnectionBag.content} is volatile.
     * So a thread that finds the connection in a bag finds this.
     */
    private @Nullable Executor eventLoop;

    PooledConnection(Slot slot, ManagerContext<C> context) {
        this.slot = slot;
        this.context = context;
        this.dialSequence = new DialSequence<>(this, context);
    }

    Slot slot() {
        return slot;
    }

    /** The endpoint that the connection leads to now. */
    Endpoint endpoint() {
        return slot.endpoint();
    }

    // ---- called by the machine, under its lock

    @Override
    public boolean park(long since) {
        clearResetAnswer();
        bag = context.bags().put(this, bag);
        boolean parked = super.park(since);
        if (parked) {
            dialSequence = null;
        }
        return parked;
    }

    @Override
    public long lastUsed() {
        ConnectionBag<C> current = bag;
        if (current != null) {
            current.narrowStarts();
        }
        return super.lastUsed();
    }

    @Override
    public void markDead() {
        super.markDead();
        ConnectionBag<C> current = bag;
        if (current != null) {
            bag = null;
            context.bags().removeGone(this, current);
        }
    }

    // ---- called by the dial: by the connector, and by the dial sequence

    /** The dial and what goes with it; null as soon as the connection was idle. */
    @Nullable
    DialSequence<C> dialSequence() {
        return dialSequence;
    }

    @Override
    public void phaseStarted(Phase phase) {
        DialSequence<C> sequence = dialSequence;
        if (sequence != null) {
            sequence.phaseStarted(phase);
        }
    }

    @Override
    @SuppressWarnings("ConstantValue") // a connector may not have been checked for nulls
    public void opened(Link<C> opened) {
        DialSequence<C> sequence = dialSequence;
        boolean first = sequence != null && sequence.opened(opened);
        if (!first && opened != null && opened != link && !(link instanceof SharedLink<C> it && it.isOf(opened))) {
            context.listeners().guard("the connector's close", opened::close);
        }
    }

    @Override
    public void failed(Throwable cause) {
        DialSequence<C> sequence = dialSequence;
        if (sequence != null) {
            sequence.failed(cause);
        }
    }

    /** Stores the open link; a {@link SharedLink} if the connection takes several leases. */
    void setLink(Link<C> opened) {
        link = opened;
    }

    /** The leases of a connection that takes several; null if the connection takes one, or is not open yet. */
    @Nullable
    SharedLink<C> shared() {
        return link instanceof SharedLink<C> shared ? shared : null;
    }

    /** Tells the machine that the dial has succeeded, its setup included. */
    void ready() {
        int number = context.eventLoops().numberOf(openLink(), context.listeners());
        eventLoop = context.eventLoops().loop(number);
        if (!context.machine().submit(Objects.requireNonNull(dialSequence).success(number))) {
            // The machine has failed, and the manager may have looked for open connections before.
            context.executor().execute(this::close);
            return;
        }
        dialReported = true;
        if (gone) {
            closed(closeCause);
        }
    }

    // ---- called by a caller of acquire, and for it by the effect runner

    boolean isOnEventLoop(Executor any) {
        return eventLoop == any;
    }

    boolean isInBag(ConnectionBag<C> any) {
        return bag == any;
    }

    /**
     * Leases this connection if it is idle and its time is not over, without the machine; else null. Everything is
     * allocated before the compare-and-set: a StackOverflowError between it and storing the holder would leak the
     * connection.
     *
     * @param now the time, read in this call of the caller: a coarse one may have stood still while the process did
     */
    @Nullable
    PooledLease<C> borrow(
            AcquireRequest request, @Nullable AcquireRequest detail, @Nullable AcquireSite site, long now) {
        long number = numberToBorrow();
        if (number == 0) {
            return null;
        }
        if (isOver(now)) {
            // The alarm is late. The machine closes this connection, and whatever else is due.
            context.machine().submit(Machine::tick);
            return null;
        }
        PooledLease<C> lease = PooledLease.immediate(this, number, request);
        LeaseReference reference = newReference(lease, detail, site);
        if (!tryBorrow(number, now)) {
            return null;
        }
        // Plain: nothing is called here, see tryBorrow. The thread that ends the lease got it from this one. Another
        // thread finds the reference in the queue of the garbage collector, which orders its reads after this write.
        holder = reference;
        return lease;
    }

    /**
     * True if the time of this idle connection is over, by the rules of the machine. If the connection has been leased
     * since its word was read, the answer may be wrong, and the compare-and-set fails.
     */
    private boolean isOver(long now) {
        return wasUnusedFor(context.idleTimeout(), now) || slot.isTooOld(now);
    }

    /** Makes the lease of this number, which the machine has decided on. */
    Lease<C> lease(long number, AcquireCallback<C> callback, LeaseOrigin origin, long now) {
        AcquireDetails details = callback.details();
        long waitedNanos = now - details.at();
        DialSequence<C> fresh = origin == LeaseOrigin.NEW ? dialSequence : null;
        Timings timings = fresh == null ? Timings.ofWait(waitedNanos) : fresh.timings(waitedNanos);
        SharedLink<C> shared = shared();
        if (shared != null) {
            return shared.lease(number, details, origin, timings, now);
        }
        AcquireRequest request = details.request();
        PooledLease<C> lease = PooledLease.decided(this, number, request, origin, timings);
        setLastUsed(now);
        this.holder = newReference(lease, AcquireDetails.isPlain(request) ? null : request, details.site());
        return lease;
    }

    private LeaseReference newReference(
            PooledLease<C> lease, @Nullable AcquireRequest detail, @Nullable AcquireSite site) {
        return LeaseReference.to(lease, context.garbage(), this, detail, site);
    }

    // ---- called by the holder

    /**
     * Has the link make a handle for a lease.
     *
     * @param number of the lease; 0 for a setup
     */
    C handle(Lease<C> lease, long number) {
        return openLink().handle(lease, number);
    }

    /** Ends the lease, and keeps the connection; {@link #giveBack} follows. */
    ReleaseRoute end(long lease) {
        return release(lease, context.clock().coarse());
    }

    /**
     * Ends the lease, and keeps the connection as one to another endpoint; {@link #giveBack} follows. No lock is held
     * while the connector is asked. If another thread ends the lease meanwhile, that end counts.
     *
     * @throws IllegalArgumentException if the connection cannot become one to that endpoint: then the lease goes on,
     *     and the connection is unchanged
     */
    ReleaseRoute endAs(long lease, Endpoint as) {
        context.connector().requireSupported(as);
        ConnectionOwner.requireKept(endpoint(), as);
        ReleaseRoute ended = beginRekey(lease);
        if (ended != null) {
            return ended;
        }
        try {
            openLink().rekey(as);
        } catch (Throwable refused) {
            cancelRekey(lease);
            throw refused;
        }
        return endRekeyed(lease);
    }

    /**
     * Resets the connection after a lease has just ended, and tells the machine if it knows of the lease. The link may
     * answer the reset later.
     *
     * @param as the endpoint that the connection leads to from now on, if that changes; then the machine knows of the
     *     lease
     */
    void giveBack(long lease, ReleaseRoute route, @Nullable Endpoint as) {
        // Plain: the reference of this lease, stored before the lease was passed on.
        LeaseReference ending = holder;
        switch (route) {
            case RETURNED_DIRTY -> returnBorrowed(lease, ending);
            case RESETTING -> {
                clearResetAnswer();
                startReset(lease);
                submitReleased(lease, as);
                clearHolder(ending);
            }
            case DEAD -> {
                submitReleased(lease, ReleaseKind.NOT_REUSABLE, null);
                clearHolder(ending);
            }
            case ALREADY_ENDED -> {}
        }
    }

    /**
     * Resets a connection that was borrowed. It is idle again when it is reusable. If the machine has revoked it
     * meanwhile, the machine is told of the release.
     */
    private void returnBorrowed(long lease, @Nullable LeaseReference ending) {
        // Cleared before the connection can be borrowed again: later, the next holder's reference would be lost.
        // Release is enough: the word is changed after it, and the next borrower has read the word.
        HOLDER.setRelease(this, (LeaseReference) null);
        try {
            startReset(lease);
            if (!markResetRunning(lease)) {
                submitReleased(lease, null);
            }
        } catch (Throwable cutShort) {
            try {
                putHolderBack(lease, ending);
            } catch (StackOverflowError noRoomForACall) {
                // So the overflow was at the first call above, and most likely nothing has begun. No call here: only
                // fields and numbers, which need no stack.
                long now = word;
                if ((now & STATE) == RETURNED_DIRTY && now >>> NUMBER_SHIFT == lease) {
                    holder = ending;
                }
            }
            throw cutShort;
        }
    }

    /**
     * A release was cut short, for example by a StackOverflowError: puts the reference back, so that the lease is
     * reclaimed when it is garbage. If the connection is idle again there may be another holder, whose reference stays.
     */
    private void putHolderBack(long lease, @Nullable LeaseReference ending) {
        if (isEnding(lease)) {
            HOLDER.compareAndSet(this, (LeaseReference) null, ending);
        }
    }

    /** Has the link reset the connection. A reset that throws is answered: not reusable. */
    void startReset(long lease) {
        try {
            openLink().reset(lease);
        } catch (Throwable thrown) {
            context.listeners().userCodeThrew("the connector's reset", thrown);
            resetDone(false);
        }
    }

    /** Tells the machine of a release, and of the answer to the reset if there is one. */
    private void submitReleased(long lease, @Nullable Endpoint as) {
        Boolean reusable = isReusable();
        if (reusable != null) {
            submitReleased(lease, reusable ? ReleaseKind.REUSE : ReleaseKind.NOT_REUSABLE, reusable ? as : null);
            return;
        }
        submitReleased(lease, ReleaseKind.RESET, as);
        // From now on the answer goes to the machine directly. An answer that came meanwhile is passed on here.
        Boolean meanwhile = expectResetAnswer();
        if (meanwhile != null) {
            submitResetDone(meanwhile);
        }
    }

    private void submitReleased(long lease, ReleaseKind kind, @Nullable Endpoint as) {
        context.machine().submit((machine, now) -> machine.released(slot, lease, kind, as, now));
    }

    /**
     * Ends the lease, and has the machine close the connection.
     *
     * @param cause passed to the listener, if there is one
     * @return false if the lease had ended before
     */
    boolean discard(long lease, @Nullable Throwable cause) {
        LeaseReference ending = holder;
        if (!discard(lease)) {
            return false;
        }
        if (cause != null) {
            closeCause = cause;
        }
        submitReleased(lease, ReleaseKind.INVALIDATED, null);
        clearHolder(ending);
        return true;
    }

    /**
     * Lets go of the reference of a lease, after the machine was told of its end. Not before: if anything failed until
     * then, the lease is still reclaimed when it is garbage.
     */
    private void clearHolder(@Nullable LeaseReference reference) {
        HOLDER.compareAndSet(this, reference, null);
    }

    // ---- called by the patrol, and for reports

    /**
     * Has the machine close the connection of a lease that has become garbage, if the lease did not end, or if its end
     * was cut short.
     */
    void reclaim(LeaseReference reference) {
        long lease = leases();
        if (HOLDER.getAcquire(this) == reference && abandon(lease)) {
            LeaseReference.Report report = reference.report(context.clock().now());
            clearHolder(reference);
            submitReleased(lease, ReleaseKind.LEAKED, null);
            context.listeners().leaseLeaked(report);
        }
    }

    /** The oldest lease, in a report; null if there is none. */
    LeaseReference.@Nullable Report report(long now) {
        SharedLink<C> shared = shared();
        if (shared != null) {
            return shared.report(now);
        }
        LeaseReference present = (LeaseReference) HOLDER.getAcquire(this);
        return present == null ? null : present.report(now);
    }

    /** The present lease, in a report; null if there is none, or if it has ended. */
    LeaseReference.@Nullable Report reportIfHeld(long now) {
        return isHeld(leases()) ? report(now) : null;
    }

    // ---- called by the connector, for the open link and its peer

    @Override
    public void resetDone(boolean reusable) {
        long lease = leases();
        ResetAnswerRoute routing = resetAnswered(reusable);
        if (routing == ResetAnswerRoute.RETURNED && !reusable) {
            submitReleased(lease, ReleaseKind.NOT_REUSABLE, null);
        } else if (routing == ResetAnswerRoute.TO_MACHINE) {
            submitResetDone(reusable);
        } else if (routing == ResetAnswerRoute.NOWHERE && lease > 0 && shared() != null) {
            context.listeners().linkMisused(this, "resetDone without the number of a lease");
        }
    }

    @Override
    public void resetDone(long number, boolean reusable) {
        SharedLink<C> shared = shared();
        if (shared == null) {
            context.listeners().linkMisused(this, "resetDone of lease " + number);
        } else {
            shared.resetDone(number, reusable);
        }
    }

    @Override
    public void capacity(int leases) {
        DialSequence<C> sequence = dialSequence;
        if (sequence == null || link != null && shared() == null) {
            context.listeners().linkMisused(this, "capacity " + leases);
        } else {
            sequence.capacity(leases);
        }
    }

    /** Passes the answer to a reset to the setup, if it waits for it; else to the machine. */
    void submitResetDone(boolean reusable) {
        DialSequence<C> sequence = dialSequence;
        if (sequence == null || !sequence.resetDone(reusable)) {
            context.machine().submit((machine, now) -> machine.resetDone(slot, reusable, now));
        }
    }

    @Override
    public boolean inputReceived() {
        InputRoute routing = routeInput();
        hadUnexpectedInput |= routing == InputRoute.UNEXPECTED;
        return routing == InputRoute.TO_HOLDER;
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
        // If the machine has not been told yet that the dial succeeded, ready() calls this method again.
        DialSequence<C> sequence = dialSequence;
        if (dialReported) {
            CloseReason reason = hadUnexpectedInput ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED;
            context.machine().submit((machine, now) -> machine.closed(slot, reason, now));
        } else if (sequence != null) {
            sequence.closed(closeCause);
        }
    }

    boolean isGone() {
        return gone;
    }

    @Nullable
    Throwable closeCause() {
        return closeCause;
    }

    boolean hadUnexpectedInput() {
        return hadUnexpectedInput;
    }

    // ---- called by the effect runner and by fail-stop

    /** Closes the link. May block. @return false if there is none */
    boolean close() {
        Link<C> open = link;
        if (open != null) {
            context.listeners().guard("the connector's close", open::close);
        }
        return open != null;
    }

    /** Tells the listener that the connection is closed. */
    void tellGone(CloseReason reason) {
        int uses = (int) Math.min(leases(), Integer.MAX_VALUE);
        context.listeners().closed(slot.endpoint(), reason, uses, closeCause);
    }

    Link<C> openLink() {
        return Objects.requireNonNull(link, "a link that was never opened");
    }

    @Override
    public String toString() {
        return "connection " + slot.number() + " to " + slot.endpoint();
    }
}
