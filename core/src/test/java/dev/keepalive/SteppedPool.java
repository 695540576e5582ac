package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Giving;
import dev.keepalive.machine.Journal;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.Rules;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.PoolListener;
import dev.keepalive.spi.TimeSource;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The machine, the racks and the links of a manager, without the rest: whatever they do is a step, and between any two
 * of them another actor may act ({@link Interleaver}).
 */
abstract class SteppedPool
        implements Interleaver.Program, Pool<SteppedLink>, Exclusive.Performer, Journal, Connector<SteppedLink> {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    /** So long may a lease or a connection be idle until it is looked at. */
    static final long HELD_FOR = 100;

    static final long IDLE_TIMEOUT = 1000;
    private static final long LONG = 1_000_000;
    private static final int NOBODY = -1;
    private static final int MOST_ROUNDS = 20;

    final List<SteppedLink> links = new ArrayList<>();
    private final List<Runnable> actors = new ArrayList<>();
    private final List<SteppedLink.Waiting> waiting = new ArrayList<>();
    private final List<SlotLease<SteppedLink>> held = new ArrayList<>();
    private final Set<SlotLease<SteppedLink>> ends = new HashSet<>();
    private final Map<List<Long>, Integer> told = new HashMap<>();
    private final ReferenceQueue<SlotLease<?>> garbage = new ReferenceQueue<>();
    private final Racks<SteppedLink> racks = new Racks<>();
    private final Loops loops = new Loops();
    private final Reports reports = new Reports("stepped", PoolListener.NONE, task -> {});
    private final Ticks ticks;
    private final Exclusive exclusive;
    private final boolean[] wantsIn = new boolean[8];
    private int inside = NOBODY;
    private long time;
    private boolean over;

    SteppedPool(int maxOpen) {
        Rules rules =
                new Rules(LONG, IDLE_TIMEOUT, Long.MAX_VALUE, HELD_FOR, LONG, LONG, LONG, LONG, LONG, LONG, false, 0);
        ticks = new Ticks(new Clock());
        exclusive = new Exclusive(new Limits(maxOpen, maxOpen, 10, 10), rules, ticks, this::wire, this, this, null);
    }

    private SteppedLink wire(Slot slot) {
        SteppedLink made = new SteppedLink(this, slot);
        links.add(made);
        return made;
    }

    private static SteppedLink link(Slot slot) {
        return (SteppedLink) slot.wire();
    }

    // ---- for programs

    /** One more of those who act at the same time. */
    final void actor(Runnable deed) {
        actors.add(() -> {
            deed.run();
            leave();
        });
    }

    /** An idle connection to A. */
    final SteppedLink idle() {
        acquire(A).release();
        return links.get(links.size() - 1);
    }

    final void pass(long nanos) {
        time += nanos;
    }

    /** Helps himself, as an acquire does first. */
    final @Nullable SlotLease<SteppedLink> borrow(Endpoint endpoint) {
        stepOutside();
        Rack<SteppedLink> rack = racks.of(endpoint);
        stepOutside();
        return rack == null
                ? null
                : lent(endpoint, rack, rack.lend(AcquireRequest.to(endpoint), null, null, null, ticks.coarse()));
    }

    /**
     * Helps himself to this connection, which he saw on the endpoint's rack when he came, and which may be gone from
     * there.
     */
    final @Nullable SlotLease<SteppedLink> borrow(Endpoint endpoint, SteppedLink seen) {
        stepOutside();
        Rack<SteppedLink> rack = racks.of(endpoint);
        if (rack == null || !seen.pooled().isIn(rack)) {
            return null;
        }
        stepOutside();
        return lent(endpoint, rack, seen.pooled().lend(AcquireRequest.to(endpoint), null, null, ticks.coarse()));
    }

    /** A lease of the only connection there is, which is idle; its handle has not been asked for. */
    final SlotLease<SteppedLink> borrowUnasked(Endpoint endpoint) {
        Rack<SteppedLink> rack = Objects.requireNonNull(racks.of(endpoint));
        SlotLease<SteppedLink> lease =
                Objects.requireNonNull(rack.lend(AcquireRequest.to(endpoint), null, null, null, ticks.coarse()));
        links.get(0).isHeldBy(lease, endpoint);
        held.add(lease);
        return lease;
    }

    private @Nullable SlotLease<SteppedLink> lent(
            Endpoint endpoint, Rack<SteppedLink> rack, @Nullable SlotLease<SteppedLink> lease) {
        if (lease == null) {
            return null;
        }
        SteppedLink link = lease.connection();
        link.isBorrowed();
        stepOutside();
        if (!lease.isFrom(rack)) {
            lease.release();
            return null;
        }
        link.isHeldBy(lease, endpoint);
        held.add(lease);
        return lease;
    }

    /** Helps himself, if he can, and gives back. */
    final void use(Endpoint endpoint) {
        SlotLease<SteppedLink> lease = borrow(endpoint);
        if (lease != null) {
            release(lease);
        }
    }

    /** Asks the machine, which has him wait if there is nothing. */
    final SteppedLink.Waiting acquire(Endpoint endpoint) {
        SteppedLink.Waiting asked = new SteppedLink.Waiting(this, endpoint);
        waiting.add(asked);
        Waiter waiter = new Waiter(endpoint, asked, Long.MAX_VALUE, 0);
        exclusive().submit((machine, now) -> machine.acquire(waiter, now));
        return asked;
    }

    final void release(SlotLease<SteppedLink> lease) {
        ends(lease);
        ended(lease, lease.release());
    }

    final void releaseAs(SlotLease<SteppedLink> lease, Endpoint as) {
        ends(lease);
        ended(lease, lease.releaseAs(as));
    }

    /** The same, of a connection that does not become that. */
    final void isRefused(SlotLease<SteppedLink> lease, Endpoint as) {
        stepOutside();
        try {
            assertThat(lease.releaseAs(as)).as("released as what it cannot be").isFalse();
        } catch (IllegalArgumentException refused) {
            stepOutside();
        }
    }

    /** Asks for the connection; has it, or is told that the lease has ended. */
    final void connection(SlotLease<SteppedLink> lease) {
        stepOutside();
        try {
            lease.connection();
        } catch (IllegalStateException ended) {
            assertThat(lease.isEnded()).as("ended, as it was said").isTrue();
        }
    }

    final void invalidate(SlotLease<SteppedLink> lease) {
        ends(lease);
        ended(lease, lease.invalidate());
    }

    private void ended(SlotLease<SteppedLink> lease, boolean first) {
        if (first) {
            assertThat(ends.add(lease)).as("the first end of " + lease).isTrue();
        }
    }

    private void ends(SlotLease<SteppedLink> lease) {
        stepOutside();
        links.forEach(link -> link.isHeldNoMore(lease));
    }

    final void tick() {
        exclusive().submit(Machine::tick);
    }

    final void retire(Endpoint endpoint) {
        exclusive().submit((machine, now) -> machine.retire(endpoint, now));
    }

    final void shutDown() {
        over = true;
        exclusive().submit(Machine::shutdown);
    }

    final void drain() {
        over = true;
        exclusive().submit((machine, now) -> machine.drain(now + LONG, now));
    }

    // ---- steps

    /** A step of an actor that the machine is not busy with. */
    final void stepOutside() {
        leave();
        Interleaver.step();
    }

    /** A step while the machine is busy. */
    final void stepInside() {
        Interleaver.step();
    }

    private void leave() {
        if (inside == Interleaver.actor()) {
            inside = NOBODY;
        }
    }

    @Override
    public final List<Runnable> actors() {
        return actors;
    }

    @Override
    public final boolean isBlocked(int actor) {
        return wantsIn[actor] && inside != NOBODY && inside != actor;
    }

    @Override
    public final Exclusive exclusive() {
        int actor = Interleaver.actor();
        if (actor >= 0) {
            wantsIn[actor] = true;
            stepOutside();
            wantsIn[actor] = false;
            inside = actor;
        }
        return exclusive;
    }

    @Override
    public final Reports reports() {
        stepOutside();
        return reports;
    }

    @Override
    public final Racks<SteppedLink> racks() {
        stepInside();
        return racks;
    }

    // ---- the machine

    @Override
    public final void perform(Effect effect, long now, @Nullable Waiter own) {
        leave();
        if (effect instanceof Effect.Deliver deliver) {
            SteppedLink.Waiting asked = (SteppedLink.Waiting) deliver.owner();
            SteppedLink link = link(deliver.slot());
            SlotLease<SteppedLink> lease = link.pooled().lease(deliver.lease(), asked, deliver.origin(), now);
            link.isHeldBy(lease, asked.request().endpoint());
            asked.deliver(lease);
        } else if (effect instanceof Effect.Fail fail) {
            ((SteppedLink.Waiting) fail.owner()).failed();
        } else if (effect instanceof Effect.Dial dial) {
            link(dial.slot()).dialled();
        } else if (effect instanceof Effect.Close close) {
            link(close.slot()).close();
        }
    }

    @Override
    public final void released(long at, long slot, long lease, Giving giving, long as) {
        int times = told.merge(List.of(slot, lease), 1, Integer::sum);
        assertThat(times).as("times that the end of lease %s was told", lease).isEqualTo(1);
        long last = links.get((int) slot - 1).pooled().leases();
        assertThat(lease).as("a lease whose end was told late").isEqualTo(last);
    }

    @Override
    public final void stop() {
        throw new AssertionError("the machine has failed", exclusive.failure());
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
        assertThat(waiting).as("who waits").allMatch(SteppedLink.Waiting::isAnswered);
        int open = (int) links.stream().filter(SteppedLink::isOpen).count();
        exclusive.submit((machine, now) -> {
            machine.check();
            assertThat(machine.counts()).isEqualTo(new Counts(0, 0, open, 0, 0, 0, 0));
        });
        assertThat(over && open > 0).as("open after the end").isFalse();
        int had = 0;
        while (borrow(A) != null || borrow(B) != null) {
            had++;
        }
        assertThat(had).as("to be had, of those that are open").isEqualTo(open);
    }

    // ---- what nobody looks at

    @Override
    public final Connector<SteppedLink> connector() {
        return this;
    }

    @Override
    public final Duration dialTimeout() {
        return Duration.ofSeconds(1);
    }

    @Override
    public final @Nullable BiFunction<? super SteppedLink, ? super Endpoint, ? extends CompletionStage<?>> setup() {
        return null;
    }

    @Override
    public final Executor executor() {
        return Runnable::run;
    }

    @Override
    public final Ticks ticks() {
        return ticks;
    }

    @Override
    public final Loops loops() {
        return loops;
    }

    @Override
    public final Budget.@Nullable Member member() {
        return null;
    }

    @Override
    public ReferenceQueue<SlotLease<?>> garbage() {
        stepOutside();
        return garbage;
    }

    @Override
    public final long acquireTimeout() {
        return LONG;
    }

    @Override
    public final @Nullable AcquireSite site() {
        return null;
    }

    @Override
    public final void open() {
        throw new UnsupportedOperationException("a connector that is none");
    }

    @Override
    public final void check(Endpoint endpoint) {
        // any will do
    }

    @Override
    public final dev.keepalive.spi.Dial connect(
            dev.keepalive.spi.DialRequest request, dev.keepalive.spi.LinkEvents<SteppedLink> events) {
        throw new UnsupportedOperationException("a connector that is none");
    }

    @Override
    public final CompletionStage<?> close() {
        throw new UnsupportedOperationException("a connector that is none");
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
