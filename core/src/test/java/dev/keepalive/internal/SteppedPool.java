package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.TimeSource;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The machine, the bags and the connections of a manager, without the rest. All they do is done in steps, and another
 * actor may act between any two steps ({@link Interleaver}).
 */
abstract class SteppedPool extends SteppedContext implements Interleaver.Program, LockedMachine.Performer, History {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    /** After this time the machine looks at a lease. */
    static final long HELD_FOR = 100;

    static final long IDLE_TIMEOUT = 1000;
    private static final int NO_ACTOR = -1;
    private static final int MOST_ROUNDS = 20;

    final List<SteppedLink> links = new ArrayList<>();
    private final List<Runnable> actors = new ArrayList<>();
    private final List<SteppedLink.Waiting> waiting = new ArrayList<>();
    private final List<PooledLease<SteppedLink>> held = new ArrayList<>();
    private final Set<PooledLease<SteppedLink>> ends = new HashSet<>();
    private final Map<List<Long>, Integer> releasesTold = new HashMap<>();
    private final ReferenceQueue<PooledLease<?>> garbage = new ReferenceQueue<>();
    private final ConnectionBags<SteppedLink> bags = new ConnectionBags<>();
    private final ListenerDispatcher listeners = new ListenerDispatcher("stepped", ConnectionListener.NONE, task -> {});
    private final ManagerClock clock;
    private final LockedMachine machine;
    private final boolean[] wantsIn = new boolean[8];
    private int inside = NO_ACTOR;
    private long time;
    private boolean over;

    SteppedPool(int maxOpen) {
        MachineConfig config = new MachineConfig(
                LONG, IDLE_TIMEOUT, Long.MAX_VALUE, HELD_FOR, LONG, LONG, LONG, LONG, LONG, LONG, false, 0);
        clock = new ManagerClock(new Clock());
        machine =
                new LockedMachine(new Limits(maxOpen, maxOpen, 10, 10), config, clock, this::newLink, this, this, null);
    }

    private SteppedLink newLink(Slot slot) {
        SteppedLink made = new SteppedLink(this, slot);
        links.add(made);
        return made;
    }

    private static SteppedLink link(Slot slot) {
        return (SteppedLink) slot.atomicSlot();
    }

    // ---- for programs

    /** Adds an actor. */
    final void actor(Runnable action) {
        actors.add(() -> {
            action.run();
            leave();
        });
    }

    /** Makes an idle connection to A. */
    final SteppedLink idle() {
        acquire(A).release();
        return links.get(links.size() - 1);
    }

    final void pass(long nanos) {
        time += nanos;
    }

    /** Borrows from the bag, as an acquire does first; null if nothing is idle. */
    final @Nullable PooledLease<SteppedLink> borrow(Endpoint endpoint) {
        stepOutside();
        ConnectionBag<SteppedLink> bag = bags.find(endpoint);
        stepOutside();
        return bag == null
                ? null
                : checked(endpoint, bag, bag.borrow(AcquireRequest.to(endpoint), null, null, null, clock.coarse()));
    }

    /** Borrows this connection, if it is in the endpoint's bag; it may leave the bag in the next step. */
    final @Nullable PooledLease<SteppedLink> borrow(Endpoint endpoint, SteppedLink seen) {
        stepOutside();
        ConnectionBag<SteppedLink> bag = bags.find(endpoint);
        if (bag == null || !seen.pooled().isInBag(bag)) {
            return null;
        }
        stepOutside();
        return checked(endpoint, bag, seen.pooled().borrow(AcquireRequest.to(endpoint), null, null, clock.coarse()));
    }

    /** Borrows the only connection, which is idle, and does not ask for its handle. */
    final PooledLease<SteppedLink> borrowWithoutHandle(Endpoint endpoint) {
        ConnectionBag<SteppedLink> bag = Objects.requireNonNull(bags.find(endpoint));
        PooledLease<SteppedLink> lease =
                Objects.requireNonNull(bag.borrow(AcquireRequest.to(endpoint), null, null, null, clock.coarse()));
        links.get(0).setHolder(lease, endpoint);
        held.add(lease);
        return lease;
    }

    private @Nullable PooledLease<SteppedLink> checked(
            Endpoint endpoint, ConnectionBag<SteppedLink> bag, @Nullable PooledLease<SteppedLink> lease) {
        if (lease == null) {
            return null;
        }
        SteppedLink link = lease.connection();
        link.checkNotRevoked();
        stepOutside();
        if (!lease.isFrom(bag)) {
            lease.release();
            return null;
        }
        link.setHolder(lease, endpoint);
        held.add(lease);
        return lease;
    }

    /** Borrows and releases, if a connection is idle. */
    final void use(Endpoint endpoint) {
        PooledLease<SteppedLink> lease = borrow(endpoint);
        if (lease != null) {
            release(lease);
        }
    }

    /** Acquires by the machine. */
    final SteppedLink.Waiting acquire(Endpoint endpoint) {
        SteppedLink.Waiting asked = new SteppedLink.Waiting(this, endpoint);
        waiting.add(asked);
        Waiter waiter = new Waiter(endpoint, asked, Long.MAX_VALUE, 0);
        machine().submit((machine, now) -> machine.acquire(waiter, now));
        return asked;
    }

    final void release(PooledLease<SteppedLink> lease) {
        ends(lease);
        ended(lease, lease.release());
    }

    final void releaseAs(PooledLease<SteppedLink> lease, Endpoint as) {
        ends(lease);
        ended(lease, lease.releaseAs(as));
    }

    /** The same, of a connection that refuses to become another endpoint's. */
    final void releaseAsRefused(PooledLease<SteppedLink> lease, Endpoint as) {
        stepOutside();
        try {
            assertThat(lease.releaseAs(as))
                    .as("released as another endpoint's, though refused")
                    .isFalse();
        } catch (IllegalArgumentException refused) {
            stepOutside();
        }
    }

    /** Asks for the handle; gets it, or an exception if the lease has ended. */
    final void connection(PooledLease<SteppedLink> lease) {
        stepOutside();
        try {
            lease.connection();
        } catch (IllegalStateException ended) {
            assertThat(lease.isEnded()).as("the lease has ended").isTrue();
        }
    }

    final void invalidate(PooledLease<SteppedLink> lease) {
        ends(lease);
        ended(lease, lease.invalidate());
    }

    private void ended(PooledLease<SteppedLink> lease, boolean first) {
        if (first) {
            assertThat(ends.add(lease)).as("the first end of " + lease).isTrue();
        }
    }

    private void ends(PooledLease<SteppedLink> lease) {
        stepOutside();
        links.forEach(link -> link.clearHolder(lease));
    }

    final void tick() {
        machine().submit(Machine::tick);
    }

    final void retire(Endpoint endpoint) {
        machine().submit((machine, now) -> machine.retire(endpoint, now));
    }

    final void shutDown() {
        over = true;
        machine().submit(Machine::shutdown);
    }

    final void drain() {
        over = true;
        machine().submit((machine, now) -> machine.drain(now + LONG, now));
    }

    // ---- steps

    /** A step outside the machine's lock. */
    final void stepOutside() {
        leave();
        Interleaver.step();
    }

    /** A step that may be under the machine's lock. */
    final void stepInside() {
        Interleaver.step();
    }

    private void leave() {
        if (inside == Interleaver.actor()) {
            inside = NO_ACTOR;
        }
    }

    @Override
    public final List<Runnable> actors() {
        return actors;
    }

    @Override
    public final boolean isBlocked(int actor) {
        return wantsIn[actor] && inside != NO_ACTOR && inside != actor;
    }

    @Override
    public final LockedMachine machine() {
        int actor = Interleaver.actor();
        if (actor >= 0) {
            wantsIn[actor] = true;
            stepOutside();
            wantsIn[actor] = false;
            inside = actor;
        }
        return machine;
    }

    @Override
    public final ListenerDispatcher listeners() {
        stepOutside();
        return listeners;
    }

    @Override
    public final ConnectionBags<SteppedLink> bags() {
        stepInside();
        return bags;
    }

    // ---- the machine

    @Override
    public final void perform(Effect effect, long now, @Nullable Waiter own) {
        leave();
        if (effect instanceof Effect.Deliver deliver) {
            SteppedLink.Waiting asked = (SteppedLink.Waiting) deliver.owner();
            SteppedLink link = link(deliver.slot());
            PooledLease<SteppedLink> lease = link.pooled().lease(deliver.lease(), asked, deliver.origin(), now);
            link.setHolder(lease, asked.request().endpoint());
            asked.deliver(lease);
        } else if (effect instanceof Effect.Fail fail) {
            ((SteppedLink.Waiting) fail.owner()).failed();
        } else if (effect instanceof Effect.Dial dial) {
            link(dial.slot()).dialSucceeded();
        } else if (effect instanceof Effect.Close close) {
            link(close.slot()).close();
        }
    }

    @Override
    public final void released(long at, long slot, long lease, ReleaseKind kind, long as) {
        int times = releasesTold.merge(List.of(slot, lease), 1, Integer::sum);
        assertThat(times).as("times that the end of lease %s was told", lease).isEqualTo(1);
        long last = links.get((int) slot - 1).pooled().leases();
        assertThat(lease).as("a lease whose end was told late").isEqualTo(last);
    }

    @Override
    public final void stop() {
        throw new AssertionError("the machine has failed", machine.failure());
    }

    // ---- the end

    @Override
    public void check() {
        for (int rounds = 0; rounds < MOST_ROUNDS; rounds++) {
            List.copyOf(links).forEach(SteppedLink::answerReset);
            List.copyOf(held).forEach(this::release);
            List.copyOf(waiting).forEach(SteppedLink.Waiting::release);
        }
        assertThat(ends).as("leases that ended").containsAll(held);
        assertThat(waiting).as("answered acquires").allMatch(SteppedLink.Waiting::isAnswered);
        int open = (int) links.stream().filter(SteppedLink::isOpen).count();
        machine.submit((machine, now) -> {
            machine.check();
            assertThat(machine.counts()).isEqualTo(new SlotCounts(0, 0, open, 0, 0, 0, 0));
        });
        assertThat(over && open > 0).as("open after the end").isFalse();
        int borrowed = 0;
        while (borrow(A) != null || borrow(B) != null) {
            borrowed++;
        }
        assertThat(borrowed).as("open connections that can be borrowed").isEqualTo(open);
    }

    // ---- the rest of the context

    @Override
    public final ManagerClock clock() {
        return clock;
    }

    @Override
    public ReferenceQueue<PooledLease<?>> garbage() {
        stepOutside();
        return garbage;
    }

    /** A clock that stands still until the program says otherwise. */
    private final class Clock implements TimeSource {
        @Override
        public long nanoTime() {
            return time;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            throw new UnsupportedOperationException("no alarm");
        }
    }
}
