package dev.keepalive.internal;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Limits;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.TimeSource;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The machine of a manager, its lock and its clock, divided into steps: between any two steps another actor may run
 * ({@link Interleaver}).
 */
abstract class SteppedProgram<C> extends SteppedContext<C>
        implements Interleaver.Program, LockedMachine.Performer, History {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    /** How long a lease may be held before a tick looks at its connection, in nanoseconds. */
    static final long HELD_FOR = 100;

    private static final int NO_ACTOR = -1;

    private final List<Runnable> actors = new ArrayList<>();
    private final ReferenceQueue<Lease<?>> garbage = new ReferenceQueue<>();
    private final ConnectionBags<C> bags = new ConnectionBags<>();
    private final ListenerDispatcher listeners;
    private final ManagerClock clock;
    private final LockedMachine machine;
    private final boolean[] wantsLock = new boolean[8];
    private int lockHolder = NO_ACTOR;
    private long time;

    /** True if the program has begun to close the manager. */
    boolean closing;

    /** @param told runs what is told to the listener */
    SteppedProgram(int maxOpen, ConnectionListener listener, Executor told) {
        MachineConfig config = new MachineConfig(
                LONG,
                IDLE_TIMEOUT,
                Long.MAX_VALUE,
                HELD_FOR,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                LONG,
                100,
                0,
                false,
                0);
        listeners = new ListenerDispatcher("stepped", listener, told);
        clock = new ManagerClock(new StoppedClock());
        machine =
                new LockedMachine(new Limits(maxOpen, maxOpen, 10, 10), config, clock, this::newSlot, this, this, null);
    }

    /** The atomic slot of a new connection. */
    abstract AtomicSlot newSlot(Slot slot);

    /** Performs an effect of the machine, outside its lock. */
    abstract void perform(Effect effect, long now);

    // ---- for programs

    /** Adds a concurrent actor. */
    final void actor(Runnable action) {
        actors.add(() -> {
            action.run();
            releaseLock();
        });
    }

    /** The bag of an endpoint, without a step. */
    final @Nullable ConnectionBag<C> bag(Endpoint endpoint) {
        return bags.find(endpoint);
    }

    final void advance(long nanos) {
        time += nanos;
    }

    final void tick() {
        machine().submit(Machine::tick);
    }

    final void retire(Endpoint endpoint) {
        machine().submit((machine, now) -> machine.retire(endpoint, now));
    }

    final void shutDown() {
        closing = true;
        machine().submit(Machine::shutdown);
    }

    final void drain() {
        closing = true;
        machine().submit((machine, now) -> machine.drain(now + LONG, now));
    }

    // ---- steps

    /** The end of a step outside the lock of the machine. */
    final void stepOutside() {
        releaseLock();
        Interleaver.step();
    }

    /** The end of a step inside the lock of the machine. */
    final void stepInside() {
        Interleaver.step();
    }

    private void releaseLock() {
        if (lockHolder == Interleaver.actor()) {
            lockHolder = NO_ACTOR;
        }
    }

    @Override
    public final List<Runnable> actors() {
        return actors;
    }

    @Override
    public final boolean isBlocked(int actor) {
        return wantsLock[actor] && lockHolder != NO_ACTOR && lockHolder != actor;
    }

    @Override
    public final LockedMachine machine() {
        int actor = Interleaver.actor();
        if (actor >= 0) {
            wantsLock[actor] = true;
            stepOutside();
            wantsLock[actor] = false;
            lockHolder = actor;
        }
        return machine;
    }

    @Override
    public final ListenerDispatcher listeners() {
        stepOutside();
        return listeners;
    }

    @Override
    public final ConnectionBags<C> bags() {
        stepInside();
        return bags;
    }

    @Override
    public final void perform(Effect effect, long now, @Nullable Waiter own) {
        releaseLock();
        perform(effect, now);
    }

    @Override
    public final void stop() {
        throw new AssertionError("the machine has failed", machine.failure());
    }

    // ---- the rest of the context

    @Override
    public final ManagerClock clock() {
        return clock;
    }

    /** A borrower asks between its look at the word and its look at the age. */
    @Override
    public final long idleTimeout() {
        stepOutside();
        return IDLE_TIMEOUT;
    }

    @Override
    public ReferenceQueue<Lease<?>> garbage() {
        stepOutside();
        return garbage;
    }

    /** A clock that moves when the program says so. */
    private final class StoppedClock implements TimeSource {
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
