package dev.keepalive.internal;

import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.spi.Link;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The connector's link of a connection that takes several leases at a time, and the leases that it has. The machine
 * decides on each lease, and hears of each end; no lease is borrowed. The table keeps the references of the leases, not
 * the leases: so one that is leaked is found, while the others go on. Safe from any thread. It has no lock but those of
 * the table's bins, under which nothing else is called.
 */
final class SharedLink<C> implements Link<C> {
    private final Link<C> link;
    private final PooledConnection<C> connection;
    private final ManagerContext<C> context;

    /** The leases that are held, and those whose end the machine does not know completely, by their number. */
    private final Map<Long, SharedLeaseReference> leases = new ConcurrentHashMap<>();

    /**
     * True when the manager has cut the leases short. It is written before the table is read for that, and read after a
     * lease is put into the table. So a lease that is made at the same time is cut short by one side.
     */
    private volatile boolean isCut;

    SharedLink(Link<C> link, PooledConnection<C> connection, ManagerContext<C> context) {
        this.link = link;
        this.connection = connection;
        this.context = context;
    }

    PooledConnection<C> connection() {
        return connection;
    }

    boolean isOf(Link<C> any) {
        return link == any;
    }

    // ---- the link

    @Override
    public C handle(Lease<C> lease, long number) {
        return link.handle(lease, number);
    }

    @Override
    public void reset(long number) {
        link.reset(number);
    }

    @Override
    public void setupDone() {
        link.setupDone();
    }

    @Override
    public @Nullable Executor eventLoop() {
        return link.eventLoop();
    }

    @Override
    public void close() {
        link.close();
    }

    // ---- the leases

    /** Makes the lease of this number, which the machine has decided on. */
    SharedLease<C> lease(long number, AcquireDetails details, LeaseOrigin origin, Timings timings, long now) {
        SharedLease<C> lease = new SharedLease<>(this, number, details, origin, timings, now);
        leases.put(number, lease.reference());
        if (isCut) {
            cutShort(lease.reference(), now);
        }
        return lease;
    }

    SharedLeaseReference reference(Lease<C> lease, long number, AcquireDetails details, long since) {
        return new SharedLeaseReference(lease, context.garbage(), this, number, details, since);
    }

    /** Ends the lease after its work is done. @return false if it had ended before */
    boolean release(SharedLeaseReference lease) {
        return end(lease, ReleaseKind.RESET);
    }

    /** Ends the lease whose work was broken off; the connection goes on. @return false if it had ended before */
    boolean invalidate(SharedLeaseReference lease, @Nullable Throwable cause) {
        if (!end(lease, ReleaseKind.INVALIDATED)) {
            return false;
        }
        context.listeners().leaseInvalidated(lease.request(), cause);
        return true;
    }

    private boolean end(SharedLeaseReference lease, ReleaseKind kind) {
        if (!lease.end()) {
            return false;
        }
        if (connection.isDead()) {
            // There is nothing to clean up: the machine knows that the connection ends, or is about to be told.
            submitReleased(lease.number(), ReleaseKind.NOT_REUSABLE, null);
            forget(lease);
        } else {
            reset(lease);
            tell(lease, kind);
        }
        return true;
    }

    /** Has the link clean up what the lease has left behind. A reset that throws is answered: not reusable. */
    private void reset(SharedLeaseReference lease) {
        try {
            link.reset(lease.number());
        } catch (Throwable thrown) {
            context.listeners().userCodeThrew("the connector's reset", thrown);
            resetDone(lease.number(), false);
        }
    }

    /**
     * Tells the machine of the end of a lease, and of the answer to its reset if there is one.
     *
     * @return false if the machine knew of the end, or of that of the connection
     */
    private boolean tell(SharedLeaseReference lease, ReleaseKind kind) {
        Boolean reusable = lease.resetAnswer();
        boolean first = submitReleased(lease.number(), kind, reusable);
        if (reusable == null) {
            // From now on the answer goes to the machine directly. An answer that came meanwhile is passed on here.
            reusable = lease.expectResetAnswer();
            if (reusable == null) {
                return first;
            }
            submitResetDone(lease.number(), reusable);
        }
        forget(lease);
        return first;
    }

    private boolean submitReleased(long lease, ReleaseKind kind, @Nullable Boolean reusable) {
        boolean reuse = kind == ReleaseKind.RESET && Boolean.TRUE.equals(reusable);
        try {
            return context.machine().submit(null, (machine, now) -> {
                boolean first = machine.released(connection.slot(), lease, reuse ? ReleaseKind.REUSE : kind, null, now);
                if (!reuse && reusable != null) {
                    machine.resetDone(connection.slot(), lease, reusable, now);
                }
                return first;
            });
        } catch (LockedMachine.Failed before) {
            return false;
        }
    }

    private void submitResetDone(long lease, boolean reusable) {
        context.machine().submit((machine, now) -> machine.resetDone(connection.slot(), lease, reusable, now));
    }

    private void forget(SharedLeaseReference lease) {
        lease.over();
        leases.remove(lease.number(), lease);
    }

    /**
     * The link has answered the reset after a lease, or after the setup. An answer that nothing waits for is ignored.
     */
    void resetDone(long number, boolean reusable) {
        if (number == 0) {
            connection.resetDone(reusable);
        }
        SharedLeaseReference lease = leases.get(number);
        if (lease != null && lease.resetAnswered(reusable)) {
            leases.remove(number, lease);
            submitResetDone(number, reusable);
        }
    }

    // ---- called by the patrol, for reports, and at the end

    /**
     * Ends a lease that has become garbage, if it did not end, or if its end was cut short. The link is told in a task:
     * it is foreign code, and the alarm must not wait for it.
     */
    void reclaim(SharedLeaseReference lease) {
        boolean leaked = lease.end();
        if (!leaked && !lease.isUntold()) {
            return;
        }
        LeaseReference.Report report = lease.report(context.clock().now());
        boolean unknown = tell(lease, ReleaseKind.LEAKED);
        if (leaked || unknown) {
            context.listeners().sharedLeaseLeaked(report);
        }
        if (leaked && !connection.isDead()) {
            context.executor().execute(() -> reset(lease));
        }
    }

    /** True if no lease is held, and the machine knows all of each lease that was. */
    boolean hasNoLeases() {
        return leases.isEmpty();
    }

    /** The oldest lease, in a report; null if there is none. */
    LeaseReference.@Nullable Report report(long now) {
        return leases.values().stream()
                .filter(SharedLeaseReference::isHeld)
                .min(Comparator.comparingLong(SharedLeaseReference::number))
                .map(lease -> lease.report(now))
                .orElse(null);
    }

    /** This lease, in a report; null if it has ended. */
    LeaseReference.@Nullable Report report(long number, long now) {
        SharedLeaseReference lease = leases.get(number);
        return lease != null && lease.isHeld() ? lease.report(now) : null;
    }

    /** Ends each lease, since the manager ends, and reports it. */
    void cutShort(long now) {
        isCut = true;
        leases.values().stream()
                .sorted(Comparator.comparingLong(SharedLeaseReference::number))
                .forEach(lease -> cutShort(lease, now));
    }

    private void cutShort(SharedLeaseReference lease, long now) {
        if (lease.cutShort()) {
            leases.remove(lease.number(), lease);
            context.listeners().leaseCutShort(lease.report(now));
        }
    }
}
