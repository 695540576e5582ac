package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Lease;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A manager in steps whose connections take several leases at a time. The methods check what must never happen. */
abstract class SteppedSharing extends SteppedProgram<SteppedSharing.SharedConnection> {
    private static final int MAX_ROUNDS = 20;

    final List<SharedConnection> connections = new ArrayList<>();
    private final List<Acquire> acquires = new ArrayList<>();
    private final Set<Lease<?>> ended = new HashSet<>();
    private final Reports reports;
    private final int firstCapacity;
    private boolean answersLater;
    private boolean peerCloses;

    /** @param capacity how many leases a connection takes at first; 0 if the program says so itself */
    SteppedSharing(int capacity) {
        this(capacity, new Reports());
    }

    private SteppedSharing(int capacity, Reports reports) {
        super(1, reports, Runnable::run);
        this.reports = reports;
        this.firstCapacity = capacity;
    }

    /** Counts what the listener is told. */
    private static final class Reports implements ConnectionListener {
        private int cutShort;

        @Override
        public void leaseCutShort(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            cutShort++;
        }
    }

    @Override
    final AtomicSlot newSlot(Slot slot) {
        SharedConnection made = new SharedConnection(slot);
        connections.add(made);
        return made;
    }

    @SuppressWarnings("unchecked") // this program has made the atomic slots
    private SharedConnection connection(Slot slot) {
        return (SharedConnection) slot.atomicSlot();
    }

    // ---- for programs

    /** From now on resets are answered by {@link SharedConnection#answerResets}. */
    final void answerResetsLater() {
        answersLater = true;
    }

    /** An acquire of A, by way of the machine. */
    final Acquire acquire() {
        Acquire acquire = new Acquire();
        acquires.add(acquire);
        Waiter waiter = new Waiter(A, acquire, Long.MAX_VALUE, 0);
        machine().submit((machine, now) -> machine.acquire(waiter, now));
        return acquire;
    }

    /** That many leases of the first connection. */
    final List<SharedLease<SharedConnection>> leases(int count) {
        List<SharedLease<SharedConnection>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(acquire().lease());
        }
        return all;
    }

    final void release(Lease<?> lease) {
        stepOutside();
        first(lease, lease.release());
    }

    final void invalidate(Lease<?> lease) {
        stepOutside();
        first(lease, lease.invalidate());
    }

    /** The patrol finds that the lease is garbage. */
    final void reclaim(SharedLease<?> lease) {
        stepOutside();
        boolean held = !lease.isEnded();
        lease.reference().reclaim();
        first(lease, held);
    }

    private void first(Lease<?> lease, boolean first) {
        if (first) {
            assertThat(ended.add(lease)).as("the first end of " + lease).isTrue();
        }
    }

    @Override
    final void perform(Effect effect, long now) {
        if (effect instanceof Effect.Deliver deliver) {
            stepOutside();
            Acquire acquire = (Acquire) deliver.owner();
            acquire.deliver(connection(deliver.slot()).pooled.lease(deliver.lease(), acquire, deliver.origin(), now));
        } else if (effect instanceof Effect.Fail fail) {
            ((Acquire) fail.owner()).failed();
        } else if (effect instanceof Effect.Dial dial) {
            connection(dial.slot()).dialed();
        } else if (effect instanceof Effect.Stop stop) {
            stepOutside();
            connection(stop.slot()).dialSequence().stop();
        } else if (effect instanceof Effect.Close close) {
            stepOutside();
            SharedConnection closing = connection(close.slot());
            SharedLink<SharedConnection> shared = closing.pooled.shared();
            if (shared != null && close.reason() == CloseReason.MANAGER_CLOSED) {
                shared.cutShort(now);
            }
            closing.close();
        }
    }

    // ---- the end

    @Override
    public final void check() {
        int cut = (int) acquires.stream()
                .filter(each -> each.lease != null && each.lease.isEnded() && !ended.contains(each.lease))
                .count();
        assertThat(reports.cutShort).as("leases that were cut short, and told").isEqualTo(cut);
        assertThat(closing || cut == 0)
                .as("cut short without an end of the manager")
                .isTrue();
        if (closing && !peerCloses && connections.stream().noneMatch(each -> each.open)) {
            assertThat(acquires)
                    .as("leases that go on after the end of the manager")
                    .allMatch(each -> each.lease == null || each.lease.isEnded());
        }
        for (int rounds = 0; rounds < MAX_ROUNDS; rounds++) {
            List.copyOf(connections).forEach(SharedConnection::answerResets);
            for (Acquire each : List.copyOf(acquires)) {
                if (each.lease != null) {
                    release(each.lease);
                }
            }
        }
        assertThat(acquires).as("acquires that are answered").allMatch(Acquire::isAnswered);
        List<SharedConnection> open =
                connections.stream().filter(each -> each.open).toList();
        assertThat(closing && !open.isEmpty())
                .as("connections are open after the end")
                .isFalse();
        assertThat(open)
                .as("connections without a trace of their leases")
                .allMatch(each -> Objects.requireNonNull(each.pooled.shared()).hasNoLeases());
        machine().submit((machine, now) -> {
            machine.check();
            assertThat(machine.counts().leases()).isZero();
            assertThat(machine.counts().open()).isEqualTo(open.size());
            assertThat(machine.counts().idle()).isEqualTo(open.size());
            assertThat(machine.counts().room())
                    .as("room, which is the last level that the link has set")
                    .isEqualTo(open.stream().mapToInt(each -> each.level).sum());
        });
    }

    /** A connection that takes several leases, with its link and its atomic slot. */
    final class SharedConnection implements Link<SharedConnection>, AtomicSlot {
        private final PooledConnection<SharedConnection> pooled;
        private final Map<Long, Integer> resets = new HashMap<>();
        private final List<Long> unanswered = new ArrayList<>();
        private boolean open;
        private int level;

        SharedConnection(Slot slot) {
            pooled = new PooledConnection<>(slot, SteppedSharing.this);
        }

        private DialSequence<SharedConnection> dialSequence() {
            return Objects.requireNonNull(pooled.dialSequence());
        }

        private void dialed() {
            dialSequence().dial();
            open = true;
            if (firstCapacity > 0) {
                capacity(firstCapacity);
            }
            if (firstCapacity >= 0) {
                pooled.opened(this);
            }
        }

        /** The dial succeeds now, in a program that decides on that. */
        void opened() {
            stepOutside();
            pooled.opened(this);
        }

        void capacity(int leases) {
            stepOutside();
            level = leases;
            pooled.capacity(leases);
        }

        /** Answers the resets that are under way. */
        void answerResets() {
            for (Long lease : List.copyOf(unanswered)) {
                unanswered.remove(lease);
                stepOutside();
                pooled.resetDone(lease, true);
            }
        }

        void peerCloses() {
            peerCloses = true;
            stepOutside();
            close();
        }

        @Override
        public boolean isShared() {
            return true;
        }

        @Override
        public SharedConnection handle(Lease<SharedConnection> lease, long number) {
            return this;
        }

        @Override
        public void reset(long number) {
            stepOutside();
            assertThat(resets.merge(number, 1, Integer::sum))
                    .as("resets of lease " + number)
                    .isEqualTo(1);
            if (answersLater) {
                unanswered.add(number);
            } else {
                pooled.resetDone(number, true);
            }
            stepOutside();
        }

        @Override
        public void close() {
            if (open) {
                open = false;
                level = 0;
                stepOutside();
                pooled.closed(null);
            }
        }

        @Override
        public long claim() {
            stepInside();
            return pooled.claim();
        }

        @Override
        public void markDead() {
            stepInside();
            pooled.markDead();
        }

        @Override
        public long revoke(long lastKnown) {
            throw new AssertionError("a shared connection is not revoked");
        }

        @Override
        public boolean park(long since) {
            throw new AssertionError("a shared connection is not parked");
        }

        @Override
        public boolean isDead() {
            throw new AssertionError("a shared connection is not asked");
        }

        @Override
        public long lastUsed() {
            throw new AssertionError("a shared connection is not asked");
        }
    }

    /** One acquire that the machine answers. */
    static final class Acquire implements AcquireCallback<SharedConnection> {
        private @Nullable SharedLease<SharedConnection> lease;
        private boolean failed;

        private boolean isAnswered() {
            return failed || lease != null;
        }

        SharedLease<SharedConnection> lease() {
            return Objects.requireNonNull(lease);
        }

        @Override
        public AcquireDetails details() {
            return new AcquireDetails(AcquireRequest.to(A), 0, Long.MAX_VALUE, null);
        }

        @Override
        public @Nullable Executor executor() {
            return null;
        }

        @Override
        public void deliver(Lease<SharedConnection> delivered) {
            assertThat(isAnswered()).as("answered before").isFalse();
            lease = (SharedLease<SharedConnection>) delivered;
        }

        @Override
        public void fail(AcquireException failure) {
            throw new IllegalStateException(failure);
        }

        private void failed() {
            assertThat(isAnswered()).as("answered before").isFalse();
            failed = true;
        }
    }
}
