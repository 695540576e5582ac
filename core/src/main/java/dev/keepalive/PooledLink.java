package dev.keepalive;

import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Giving;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Wire;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The outer part of a slot: carries what the machine wants to the connector, and what the connector says to the machine. Safe from any thread.
 */
final class PooledLink<C> implements Wire, LinkEvents<C> {
    /** In place of a dial: the connector has not returned it yet. */
    private static final Dial BEGINNING = () -> {};

    /** In place of a dial: it is to be stopped as soon as the connector returns it. */
    private static final Dial STOPPED = () -> {};

    private final Slot slot;
    private final Pool<C> pool;
    private final DialClock clock;
    private final @Nullable PermitAsk permit;
    /** Each change is one atomic step: it is here that the peer, a release and the machine meet. */
    private final AtomicReference<Use> use = new AtomicReference<>(Use.FRESH);

    private final CleanUp cleanUp = new CleanUp();
    private final AtomicReference<@Nullable Dial> dial = new AtomicReference<>();
    private final AtomicBoolean dialAnswered = new AtomicBoolean();
    private volatile boolean announced;
    private volatile boolean gone;
    private volatile boolean spokeOutOfTurn;
    private volatile @Nullable Link<C> link;
    private volatile @Nullable SetUp<C> setUp;
    private volatile @Nullable DialException failure;
    private volatile @Nullable Throwable closeCause;
    private final AtomicReference<@Nullable LeaseReference> present = new AtomicReference<>();
    private volatile long leases;

    PooledLink(Slot slot, Pool<C> pool) {
        this.slot = slot;
        this.pool = pool;
        this.clock = new DialClock(pool.ticks());
        Budget.Member member = pool.member();
        this.permit = member == null ? null : new PermitAsk(slot, pool.exclusive(), member);
    }

    // ---- what the machine asks

    @Override
    public boolean claim() {
        Use before = use.getAndUpdate(now -> now == Use.DEAD ? now : Use.LEASED);
        return before != Use.DEAD;
    }

    @Override
    public boolean park() {
        Use before = use.getAndUpdate(now -> now == Use.FRESH || now == Use.RESETTING ? Use.IDLE : now);
        return before == Use.FRESH || before == Use.RESETTING;
    }

    @Override
    public void kill() {
        use.set(Use.DEAD);
    }

    // ---- the permit

    void ask() {
        clock.enter(Phase.PERMIT);
        permit().ask();
    }

    PermitAsk permit() {
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
            Dial begun = pool.connector()
                    .connect(
                            new DialRequest(
                                    slot.endpoint(),
                                    pool.dialTimeout(),
                                    pool.loops().loop(slot.wantedOn())),
                            this);
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
            pool.reports().guard("the connector's stop", begun::stop);
            SetUp<C> making = setUp;
            if (making != null) {
                making.stop();
            }
        }
    }

    @Override
    public void entered(Phase phase) {
        clock.enter(phase);
    }

    @Override
    @SuppressWarnings("ConstantValue") // a connector may not have been checked for nulls
    public void opened(Link<C> opened) {
        if (opened == null) {
            failed(new NullPointerException("the connector opened a link that is null"));
            return;
        }
        if (!dialAnswered.compareAndSet(false, true)) {
            if (opened != link) {
                pool.reports().guard("the connector's close", opened::close);
            }
            return;
        }
        link = opened;
        if (pool.setup() == null) {
            ready();
        } else {
            setUp();
        }
    }

    private void setUp() {
        clock.enter(Phase.SETUP);
        SetUp<C> making = new SetUp<>(this, pool);
        setUp = making;
        // Whoever comes from now on finds the set-up; whoever came before is found here.
        claim();
        if (dial.get() == STOPPED) {
            making.stop();
        } else if (gone) {
            making.closed(closeCause);
        } else {
            making.begin();
        }
    }

    /** The set-up has done well: the connection is cleaned up after it as after a lease, and what comes unasked from now on was not asked for. */
    void cleanUpAfterSetUp() {
        use.compareAndSet(Use.LEASED, Use.RESETTING);
        pool.reports().guard("the connector's setUp", opened()::setUp);
        cleanUp.begin(opened(), pool.reports());
        Boolean quiet = cleanUp.announce();
        if (quiet != null) {
            resetDone(quiet);
        }
    }

    /** The dial has succeeded, its set-up included. */
    void ready() {
        setUp = null;
        clock.end();
        pool.reports().tell(listener -> listener.opened(slot.endpoint(), clock.timings(0)));
        int loop = pool.loops().numberOf(opened(), pool.reports());
        pool.exclusive().submit((machine, now) -> machine.dialled(slot, DialResult.OPENED, loop, now));
        announced = true;
        if (gone) {
            closed(closeCause);
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (!dialAnswered.compareAndSet(false, true)) {
            return;
        }
        notReady(Failures.ofDial(cause, clock.phase()));
    }

    /** The dial has failed, and nothing is open of it. */
    void notReady(DialException told) {
        setUp = null;
        failure = dial.get() == STOPPED ? null : told;
        clock.end();
        pool.reports().tell(listener -> listener.dialFailed(slot.endpoint(), told));
        DialResult result = Failures.isOfResources(told) ? DialResult.OUT_OF_RESOURCES : DialResult.FAILED;
        pool.exclusive().submit((machine, now) -> machine.dialled(slot, result, 0, now));
    }

    // ---- leases

    /** Makes lease number {@code number} of this slot, which the machine has decided on. */
    SlotLease<C> lease(long number, Recipient<C> holder, Origin origin, long now) {
        long waitedNanos = now - holder.askedAt();
        Timings timings = origin == Origin.NEW ? clock.timings(waitedNanos) : Timings.of(waitedNanos);
        SlotLease<C> lease = new SlotLease<>(this, number, holder.request(), origin, timings);
        leases = number;
        if (pool.reclaims()) {
            present.set(new LeaseReference(lease, pool.garbage(), this, number, holder.site(), now));
        }
        return lease;
    }

    C handle(Lease<C> lease) {
        return opened().handle(lease);
    }

    /** What the connection leads to. */
    Endpoint endpoint() {
        return slot.endpoint();
    }

    /**
     * The present holder is about to release the connection as one to another endpoint.
     *
     * @throws IllegalArgumentException if it cannot be that: then nothing has changed
     */
    void rekey(Endpoint as) {
        pool.connector().check(as);
        String owner = endpoint().owner();
        if (owner != null && !owner.equals(as.owner())) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection is one to "
                    + endpoint() + ", and belongs to owner '" + owner + "' for as long as it is open");
        }
        opened().rekey(as);
    }

    /**
     * The holder releases: the connection is cleaned up, at once or by and by.
     *
     * @param as what it leads to from now on, if that changes
     */
    void giveBack(long lease, @Nullable Endpoint as) {
        LeaseReference ending = present.get();
        if (use.compareAndSet(Use.LEASED, Use.RESETTING)) {
            resetAndRelease(lease, as);
        } else {
            released(lease, Giving.NOT_QUIET, null);
        }
        forget(ending);
    }

    private void resetAndRelease(long lease, @Nullable Endpoint as) {
        cleanUp.begin(opened(), pool.reports());
        Boolean quiet = cleanUp.isQuiet();
        if (quiet != null) {
            released(lease, quiet ? Giving.REUSE : Giving.NOT_QUIET, quiet ? as : null);
            return;
        }
        released(lease, Giving.RESET, as);
        // Only now may an answer go to the machine by itself; one that came meanwhile is brought from here.
        Boolean meanwhile = cleanUp.announce();
        if (meanwhile != null) {
            resetDone(meanwhile);
        }
    }

    @Override
    public void reset(boolean quiet) {
        if (cleanUp.answered(quiet)) {
            resetDone(quiet);
        }
    }

    void discard(long lease, @Nullable Throwable cause) {
        LeaseReference ending = present.get();
        if (cause != null) {
            closeCause = cause;
        }
        released(lease, Giving.INVALIDATED, null);
        forget(ending);
    }

    void reclaim(LeaseReference reference, long lease) {
        if (present.compareAndSet(reference, null) && released(lease, Giving.FORGOTTEN, null)) {
            pool.reports().forgotten(reference, pool.ticks().now());
        }
    }

    /** The present lease, as far as the link knows of it. */
    @Nullable
    LeaseReference holder() {
        return present.get();
    }

    /**
     * Lets go of the reference of a lease whose end the machine has heard of. Not before: if anything failed on the way there, the lease
     * is still found when it is garbage.
     */
    private void forget(@Nullable LeaseReference reference) {
        if (reference != null && present.compareAndSet(reference, null)) {
            reference.clear();
        }
    }

    /** Tells the machine; true if it was the slot's present lease. */
    private boolean released(long lease, Giving giving, @Nullable Endpoint as) {
        return pool.exclusive().submit(null, (machine, now) -> machine.released(slot, lease, giving, as, now));
    }

    private void resetDone(boolean quiet) {
        SetUp<C> making = setUp;
        if (making != null && making.cleanedUp(quiet)) {
            return;
        }
        pool.exclusive().submit((machine, now) -> machine.reset(slot, quiet, now));
    }

    // ---- the end

    @Override
    public boolean spoke() {
        Use before = use.getAndUpdate(now -> switch (now) {
            case FRESH, GREETED -> Use.GREETED;
            case LEASED -> Use.LEASED;
            case RESETTING, IDLE, DEAD -> Use.DEAD;
        });
        spokeOutOfTurn |= before == Use.RESETTING || before == Use.IDLE;
        return before == Use.FRESH || before == Use.GREETED || before == Use.LEASED;
    }

    @Override
    public void retire() {
        pool.exclusive().submit((machine, now) -> machine.retire(slot, now));
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        if (closeCause == null) {
            closeCause = cause;
        }
        gone = true;
        use.set(Use.DEAD);
        // What comes before the machine has heard that the dial succeeded is brought to it afterwards, by opened().
        if (announced) {
            CloseReason unasked = spokeOutOfTurn ? CloseReason.PEER_SPOKE : CloseReason.PEER_CLOSED;
            pool.exclusive().submit((machine, now) -> machine.closed(slot, unasked, now));
            return;
        }
        SetUp<C> making = setUp;
        if (making != null) {
            making.closed(closeCause);
        }
    }

    void close() {
        Link<C> open = link;
        if (open != null) {
            pool.reports().guard("the connector's close", open::close);
        }
    }

    // ---- what is told about it

    /** The phase that its dial is in, or was in at the end. */
    Phase phase() {
        return clock.phase();
    }

    @Nullable
    DialException failure() {
        return failure;
    }

    /** The timings of its dial so far, for an acquire that waited so long. */
    Timings timings(long waitedNanos) {
        return clock.timings(waitedNanos);
    }

    void tellGone(CloseReason reason) {
        Throwable cause = closeCause;
        int uses = (int) Math.min(leases, Integer.MAX_VALUE);
        pool.reports().tell(listener -> listener.closed(slot.endpoint(), reason, uses, cause));
    }

    private Link<C> opened() {
        return Objects.requireNonNull(link, "a link that was never opened");
    }

    @Override
    public String toString() {
        return "connection " + slot.number() + " to " + slot.endpoint();
    }
}
