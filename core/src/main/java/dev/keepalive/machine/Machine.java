package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Origin;
import dev.keepalive.Totals;
import dev.keepalive.machine.Slot.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets which connection, and what is opened and closed. One method per event: it first ends what is due by the time given, then
 * records the fact, then settles, that is, opens for whoever waits until nothing more may be opened. Not safe for several threads: whoever drives
 * it does so from one at a time. Runs no foreign code but a slot's {@link Wire}.
 */
public final class Machine {
    private static final long NEVER = Long.MAX_VALUE;

    final Limits limits;
    final Map<Endpoint, EndpointState> endpoints = new HashMap<>();
    final Room room;
    final Books books = new Books();

    /** Everything that has a time of its own: waiters, and slots in any state but leased. */
    final IndexedHeap<IndexedHeap.Entry> deadlines = new IndexedHeap<>();

    private final Slots slots;
    private final Alarm alarm;
    private final Invariants invariants = new Invariants(this);
    private final Consumer<Effect> out;
    private long now;
    private long events;
    private boolean shutDown;
    private boolean finished;

    /**
     * A machine with nothing in it.
     *
     * @param wires makes the outer part of each new slot
     * @param out takes the effects, in the order in which they are decided; must not call back into the machine
     */
    public Machine(Limits limits, Function<Slot, Wire> wires, Consumer<Effect> out) {
        this.limits = limits;
        this.room = new Room(limits);
        this.slots = new Slots(limits, room, books, deadlines, wires, out);
        this.alarm = new Alarm(out);
        this.out = out;
    }

    // ---- events

    /** Somebody asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.computeIfAbsent(waiter.endpoint(), key -> new EndpointState(key));
        join(endpoint, waiter);
        if (shutDown) {
            fail(waiter, Fate.CLOSED, null);
        } else if (waiter.key() <= now) {
            fail(waiter, Fate.TIMED_OUT, null);
        } else {
            dispatch(endpoint);
        }
        settle(endpoint);
    }

    /**
     * Somebody asks for an idle connection.
     *
     * @return true if he gets one; else nothing has happened
     */
    public boolean tryAcquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.get(waiter.endpoint());
        boolean served = false;
        if (endpoint != null && endpoint.count(State.IDLE) > 0) {
            join(endpoint, waiter);
            dispatch(endpoint);
            served = waiter.fate == Fate.SERVED;
            if (!served) {
                leave(endpoint, waiter);
            }
        }
        settle(endpoint);
        return served;
    }

    /**
     * A waiter is withdrawn.
     *
     * @return true if it still waited
     */
    public boolean cancel(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.get(waiter.endpoint());
        boolean waited = false;
        if (endpoint != null && endpoint.line.contains(waiter)) {
            leave(endpoint, waiter);
            waiter.meets(Fate.WITHDRAWN);
            books.withdrawn++;
            waited = true;
        }
        settle(endpoint);
        return waited;
    }

    /** A slot's dial has succeeded or failed. */
    public void dialled(Slot slot, boolean ok, long time) {
        begin(time);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                slots.stopped(slot, ok, now);
            } else {
                dialled(slot, ok);
            }
        }
        settle(slot.home);
    }

    /** A slot's connection has been cleaned up after a lease; it is quiet, or it is not. */
    public void reset(Slot slot, boolean quiet, long time) {
        begin(time);
        if (slot.state == State.RESETTING) {
            if (quiet) {
                available(slot);
            } else {
                slots.end(slot, CloseReason.NOT_QUIET, now);
            }
        }
        settle(slot.home);
    }

    /**
     * A lease gives its connection back.
     *
     * @return true if that lease was the slot's present one; else nothing has happened
     */
    public boolean released(Slot slot, long lease, Giving giving, long time) {
        begin(time);
        boolean present = slot.state == State.LEASED && slot.lease == lease;
        if (present) {
            slot.freeSince = events;
            switch (giving) {
                case REUSE -> available(slot);
                case RESET -> slots.reset(slot, now);
                case NOT_QUIET -> slots.end(slot, CloseReason.NOT_QUIET, now);
                case INVALIDATED -> slots.end(slot, CloseReason.INVALIDATED, now);
                case FORGOTTEN -> {
                    books.forgotten++;
                    slots.end(slot, CloseReason.FORGOTTEN, now);
                }
            }
        }
        settle(slot.home);
        return present;
    }

    /** A slot's connection is gone, asked for or not. */
    public void closed(Slot slot, CloseReason unasked, long time) {
        begin(time);
        if (slot.state != State.GONE && !slot.dialUnanswered) {
            CloseReason asked = slot.reason;
            // Of a connection that was lost in a race against the peer, the machine knows only that the peer was first.
            CloseReason reason = asked == null || asked == CloseReason.PEER_CLOSED ? unasked : asked;
            slots.gone(slot, now);
            out.accept(new Effect.Gone(slot, reason));
        }
        settle(slot.home);
    }

    /** Time has passed: the alarm went off. */
    public void tick(long time) {
        begin(time);
        alarm.wentOff();
        settle(null);
    }

    /** Everything ends, now. */
    public void shutdown(long time) {
        begin(time);
        shutDown = true;
        for (EndpointState endpoint : List.copyOf(endpoints.values())) {
            shutdown(endpoint);
            reconsider(endpoint);
        }
        settle(null);
    }

    // ---- what it holds

    /** All counts. */
    public Counts counts() {
        return books.counts();
    }

    /** The counts by endpoint. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        Map<Endpoint, Counts> counts = new HashMap<>();
        endpoints.forEach((endpoint, state) -> counts.put(endpoint, state.counts()));
        return counts;
    }

    /** What was done since the start. */
    public Totals totals() {
        return books.totals();
    }

    /** Walks over everything; throws an {@link IllegalStateException} if an invariant of the architecture does not hold. */
    public void check() {
        invariants.check();
    }

    // ---- what is due

    private void begin(long time) {
        now = Math.max(now, time);
        events++;
        for (IndexedHeap.Entry due = deadlines.least(); due != null && due.key() <= now; due = deadlines.least()) {
            EndpointState endpoint = due instanceof Waiter waiter ? stateOf(waiter) : ((Slot) due).home;
            if (due instanceof Waiter waiter) {
                fail(waiter, Fate.TIMED_OUT, waiter.covered ? endpoint.oldest(State.DIALLING) : null);
            } else {
                expire((Slot) due);
            }
            reconsider(endpoint);
        }
    }

    private void expire(Slot slot) {
        switch (slot.state) {
            case DIALLING -> {
                tellCause(slot, Fate.DIAL_TIMED_OUT);
                slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            }
            case RESETTING -> slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            case IDLE -> slots.end(slot, CloseReason.IDLE_TIMEOUT, now);
            case CLOSING -> slots.giveUp(slot);
            case LEASED, GONE -> throw new IllegalStateException("a deadline on a slot that is " + slot.state);
        }
    }

    // ---- waiters

    private EndpointState stateOf(Waiter waiter) {
        EndpointState endpoint = endpoints.get(waiter.endpoint());
        if (endpoint == null) {
            throw new IllegalStateException("a waiter without its endpoint");
        }
        return endpoint;
    }

    private void join(EndpointState endpoint, Waiter waiter) {
        waiter.sequence = events;
        endpoint.join(waiter);
        books.waiting++;
        if (waiter.key() < NEVER) {
            deadlines.add(waiter);
        }
    }

    private void leave(EndpointState endpoint, Waiter waiter) {
        endpoint.leave(waiter);
        books.waiting--;
        deadlines.remove(waiter);
    }

    private void fail(Waiter waiter, Fate fate, @Nullable Slot dial) {
        EndpointState endpoint = stateOf(waiter);
        Counts before = endpoint.counts();
        Counts allBefore = counts();
        leave(endpoint, waiter);
        books.failed(fate);
        out.accept(new Effect.Fail(waiter, waiter.meets(fate), fate, dial, before, allBefore));
    }

    /** A dial has failed: the waiter that it was begun for is told, if it still waits, and nobody else. */
    private void tellCause(Slot slot, Fate fate) {
        Waiter cause = slot.cause;
        if (cause != null && cause.fate == Fate.WAITING) {
            fail(cause, fate, slot);
        }
    }

    // ---- a waiter meets a slot

    /** The only place where that happens: leaving the line and becoming leased are one step. */
    private void dispatch(EndpointState endpoint) {
        Waiter waiter = endpoint.line.first();
        Slot slot = endpoint.latest(State.IDLE);
        while (waiter != null && slot != null) {
            if (slot.wire.claim()) {
                serve(endpoint, waiter, slot);
            } else {
                slots.end(slot, CloseReason.PEER_CLOSED, now);
            }
            waiter = endpoint.line.first();
            slot = endpoint.latest(State.IDLE);
        }
    }

    private void serve(EndpointState endpoint, Waiter waiter, Slot slot) {
        Origin origin = slot.originFor(waiter);
        leave(endpoint, waiter);
        Object owner = waiter.meets(Fate.SERVED);
        slots.lease(slot, now);
        books.served(origin);
        out.accept(new Effect.Deliver(waiter, owner, slot, slot.lease, origin));
    }

    /** The slot's connection is free: for an older waiter of another endpoint, for the line, or for later. */
    private void available(Slot slot) {
        if (!slot.fresh && room.mustMakeWay(slot.home, now)) {
            slots.end(slot, CloseReason.EVICTED, now);
            return;
        }
        slots.park(slot, now);
        dispatch(slot.home);
        if (slot.state == State.IDLE) {
            slot.fresh = false;
            if (!slot.wire.park()) {
                slots.end(slot, CloseReason.NOT_QUIET, now);
            }
        }
    }

    // ---- dials, and the end

    private void dialled(Slot slot, boolean ok) {
        if (ok) {
            slot.cause = null;
            books.opened++;
            available(slot);
        } else {
            books.dialsFailed++;
            tellCause(slot, Fate.DIAL_FAILED);
            slots.gone(slot, now);
        }
    }

    private void shutdown(EndpointState endpoint) {
        for (Waiter waiter = endpoint.line.first(); waiter != null; waiter = endpoint.line.first()) {
            fail(waiter, Fate.CLOSED, null);
        }
        for (Slot slot : endpoint.slots()) {
            if (slot.state != State.CLOSING) {
                slots.end(slot, CloseReason.MANAGER_CLOSED, now);
            }
        }
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        if (changed != null) {
            reconsider(changed);
        }
        for (EndpointState next = room.next(); next != null; next = room.next()) {
            slots.open(next, now, events);
            reconsider(next);
        }
        for (Slot slot = room.whoMakesWay(); slot != null; slot = room.whoMakesWay()) {
            slots.end(slot, CloseReason.EVICTED, now);
            reconsider(slot.home);
        }
        setAlarm();
        finish();
        assert invariants.holdIfDue(events);
    }

    private void reconsider(EndpointState endpoint) {
        room.reconsider(endpoint, now);
        if (endpoint.isEmpty()) {
            endpoints.remove(endpoint.endpoint, endpoint);
        }
    }

    private void setAlarm() {
        IndexedHeap.Entry first = deadlines.least();
        alarm.setNoLaterThan(first == null ? NEVER : first.key());
        if (books.count(State.LEASED) > 0) {
            alarm.setNoLaterThan(now + limits.patrol());
        }
    }

    private void finish() {
        if (shutDown && !finished && room.open == slots.overdue()) {
            finished = true;
            out.accept(new Effect.Finished());
        }
    }
}
