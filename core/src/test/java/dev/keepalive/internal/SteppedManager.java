package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.machine.Waiter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The machine, the bags and the links of a manager, without the rest, in steps. */
abstract class SteppedManager extends SteppedProgram<SteppedLink> {
    private static final int MAX_ROUNDS = 20;

    final List<SteppedLink> links = new ArrayList<>();
    private final List<SteppedLink.SteppedAcquire> waiting = new ArrayList<>();
    private final List<PooledLease<SteppedLink>> held = new ArrayList<>();
    private final Set<PooledLease<SteppedLink>> endedLeases = new HashSet<>();
    private final Map<List<Long>, Integer> toldEnds = new HashMap<>();

    SteppedManager(int maxOpen) {
        super(maxOpen, ConnectionListener.NONE, task -> {});
    }

    @Override
    final SteppedLink newSlot(Slot slot) {
        SteppedLink made = new SteppedLink(this, slot);
        links.add(made);
        return made;
    }

    private static SteppedLink link(Slot slot) {
        return (SteppedLink) slot.atomicSlot();
    }

    // ---- for programs

    /** An idle connection to A. */
    final SteppedLink idle() {
        acquire(A).release();
        return links.get(links.size() - 1);
    }

    /** Borrows a connection without the machine, as an acquire does first; null if none is idle. */
    final @Nullable PooledLease<SteppedLink> borrow(Endpoint endpoint) {
        stepOutside();
        ConnectionBag<SteppedLink> bag = bag(endpoint);
        stepOutside();
        return bag == null
                ? null
                : borrowed(endpoint, bag, bag.borrow(AcquireRequest.to(endpoint), null, null, null, clock().now()));
    }

    /**
     * Borrows this connection, which the caller has seen in the bag of the endpoint, and which may have left the bag
     * since; null if it cannot be borrowed.
     */
    final @Nullable PooledLease<SteppedLink> borrow(Endpoint endpoint, SteppedLink seen) {
        stepOutside();
        ConnectionBag<SteppedLink> bag = bag(endpoint);
        if (bag == null || !seen.pooled().isInBag(bag)) {
            return null;
        }
        stepOutside();
        return borrowed(endpoint, bag, seen.pooled().borrow(AcquireRequest.to(endpoint), null, null, clock().now()));
    }

    /** Borrows the only connection, which is idle, and does not ask for its handle. */
    final PooledLease<SteppedLink> borrowWithoutHandle(Endpoint endpoint) {
        ConnectionBag<SteppedLink> bag = Objects.requireNonNull(bag(endpoint));
        PooledLease<SteppedLink> lease =
                Objects.requireNonNull(bag.borrow(AcquireRequest.to(endpoint), null, null, null, clock().now()));
        links.get(0).beginUse(lease, endpoint);
        held.add(lease);
        return lease;
    }

    private @Nullable PooledLease<SteppedLink> borrowed(
            Endpoint endpoint, ConnectionBag<SteppedLink> bag, @Nullable PooledLease<SteppedLink> lease) {
        if (lease == null) {
            return null;
        }
        SteppedLink link = lease.connection();
        link.checkBorrowed();
        stepOutside();
        if (!lease.isFrom(bag)) {
            lease.release();
            return null;
        }
        link.beginUse(lease, endpoint);
        held.add(lease);
        return lease;
    }

    /** Borrows a connection and releases it, if one is idle. */
    final void borrowAndRelease(Endpoint endpoint) {
        PooledLease<SteppedLink> lease = borrow(endpoint);
        if (lease != null) {
            release(lease);
        }
    }

    /** Acquires by way of the machine. The acquire waits if no connection is idle. */
    final SteppedLink.SteppedAcquire acquire(Endpoint endpoint) {
        SteppedLink.SteppedAcquire acquire = new SteppedLink.SteppedAcquire(this, endpoint);
        waiting.add(acquire);
        Waiter waiter = new Waiter(endpoint, acquire, Long.MAX_VALUE, 0);
        machine().submit((machine, now) -> machine.acquire(waiter, now));
        return acquire;
    }

    final void release(PooledLease<SteppedLink> lease) {
        beforeEnd(lease);
        afterEnd(lease, lease.release());
    }

    final void releaseAs(PooledLease<SteppedLink> lease, Endpoint as) {
        beforeEnd(lease);
        afterEnd(lease, lease.releaseAs(as));
    }

    /** Releases the lease as an endpoint that the link refuses. */
    final void releaseAsRefused(PooledLease<SteppedLink> lease, Endpoint as) {
        stepOutside();
        try {
            assertThat(lease.releaseAs(as)).as("released as a refused endpoint").isFalse();
        } catch (IllegalArgumentException refused) {
            stepOutside();
        }
    }

    /** Asks for the connection. That fails only if the lease has ended. */
    final void requestConnection(PooledLease<SteppedLink> lease) {
        stepOutside();
        try {
            lease.connection();
        } catch (IllegalStateException ended) {
            assertThat(lease.isEnded()).as("the lease has ended").isTrue();
        }
    }

    final void invalidate(PooledLease<SteppedLink> lease) {
        beforeEnd(lease);
        afterEnd(lease, lease.invalidate());
    }

    private void afterEnd(PooledLease<SteppedLink> lease, boolean first) {
        if (first) {
            assertThat(endedLeases.add(lease)).as("the first end of " + lease).isTrue();
        }
    }

    private void beforeEnd(PooledLease<SteppedLink> lease) {
        stepOutside();
        links.forEach(link -> link.endUse(lease));
    }

    // ---- the machine

    @Override
    final void perform(Effect effect, long now) {
        if (effect instanceof Effect.Deliver deliver) {
            SteppedLink.SteppedAcquire acquire = (SteppedLink.SteppedAcquire) deliver.owner();
            SteppedLink link = link(deliver.slot());
            PooledLease<SteppedLink> lease =
                    (PooledLease<SteppedLink>) link.pooled().lease(deliver.lease(), acquire, deliver.origin(), now);
            link.beginUse(lease, acquire.request().endpoint());
            acquire.deliver(lease);
        } else if (effect instanceof Effect.Fail fail) {
            ((SteppedLink.SteppedAcquire) fail.owner()).failed();
        } else if (effect instanceof Effect.Dial dial) {
            link(dial.slot()).dialSucceeded();
        } else if (effect instanceof Effect.Close close) {
            link(close.slot()).close();
        }
    }

    @Override
    public final void released(long at, long slot, long lease, ReleaseKind kind, long as) {
        int times = toldEnds.merge(List.of(slot, lease), 1, Integer::sum);
        assertThat(times).as("how often the end of lease %s was told", lease).isEqualTo(1);
        long last = links.get((int) slot - 1).pooled().leases();
        assertThat(lease)
                .as("the lease whose end was told, which must be the last one")
                .isEqualTo(last);
    }

    // ---- the end

    @Override
    public void check() {
        for (int rounds = 0; rounds < MAX_ROUNDS; rounds++) {
            List.copyOf(links).forEach(SteppedLink::answerReset);
            List.copyOf(held).forEach(this::release);
            List.copyOf(waiting).forEach(SteppedLink.SteppedAcquire::release);
        }
        assertThat(endedLeases).as("leases that ended").containsAll(held);
        assertThat(waiting).as("acquires that are answered").allMatch(SteppedLink.SteppedAcquire::isAnswered);
        int open = (int) links.stream().filter(SteppedLink::isOpen).count();
        machine().submit((machine, now) -> {
            machine.check();
            assertThat(machine.counts()).isEqualTo(new SlotCounts(0, 0, open, 0, 0, 0, 0));
        });
        assertThat(closing && open > 0).as("connections are open after the end").isFalse();
        int borrowable = 0;
        while (borrow(A) != null || borrow(B) != null) {
            borrowable++;
        }
        assertThat(borrowable).as("open connections that can be borrowed").isEqualTo(open);
    }
}
