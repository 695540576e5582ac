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

    private final Function<Slot, Wire> wires;
    private final Consumer<Effect> out;
    private long now;
    private long events;
    private long nextCheck;
    private long slots;
    private long alarm = NEVER;
    private long alarmVersion;
    private int overdue;
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
        this.wires = wires;
        this.out = out;
    }

    // ---- events

    /** Somebody asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.computeIfAbsent(waiter.endpoint(), EndpointState::new);
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
        boolean waited = endpoint != null && endpoint.line.contains(waiter);
        if (waited) {
            leave(endpoint, waiter);
            waiter.fate = Fate.WITHDRAWN;
            books.withdrawn++;
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
                stopped(slot, ok);
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
                end(slot, CloseReason.NOT_QUIET);
            }
        }
        settle(slot.home);
    }

    /** A lease gives its connection back. Nothing happens if that lease is not the slot's present one. */
    public void released(Slot slot, long lease, Giving giving, long time) {
        begin(time);
        if (slot.state == State.LEASED && slot.lease == lease) {
            slot.freeSince = events;
            switch (giving) {
                case REUSE -> available(slot);
                case RESET -> move(slot, State.RESETTING, limits.grace());
                case NOT_QUIET -> end(slot, CloseReason.NOT_QUIET);
                case INVALIDATED -> end(slot, CloseReason.INVALIDATED);
                case FORGOTTEN -> {
                    books.forgotten++;
                    end(slot, CloseReason.FORGOTTEN);
                }
            }
        }
        settle(slot.home);
    }

    /** A slot's connection is gone, asked for or not. */
    public void closed(Slot slot, CloseReason unasked, long time) {
        begin(time);
        if (slot.state != State.GONE && !slot.dialUnanswered) {
            CloseReason reason = slot.reason == null ? unasked : slot.reason;
            gone(slot);
            out.accept(new Effect.Gone(slot, reason));
        }
        settle(slot.home);
    }

    /** Time has passed: the alarm went off. */
    public void tick(long time) {
        begin(time);
        alarm = NEVER;
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

    /**
     * Walks over everything and checks the invariants of the architecture.
     *
     * @throws IllegalStateException if one does not hold
     */
    public void check() {
        new Invariants(this).check();
    }

    // ---- what is due

    private void begin(long time) {
        now = Math.max(now, time);
        events++;
        if (now >= alarm) {
            alarm = NEVER;
        }
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
                end(slot, CloseReason.STEP_TIMEOUT);
            }
            case RESETTING -> end(slot, CloseReason.STEP_TIMEOUT);
            case IDLE -> end(slot, CloseReason.IDLE_TIMEOUT);
            case CLOSING -> giveUp(slot);
            case LEASED, GONE -> throw new IllegalStateException("a deadline on a slot that is " + slot.state);
        }
    }

    /** The connector owes an answer. The slot keeps its permits, since the descriptor may be there still, but nobody counts on it any more. */
    private void giveUp(Slot slot) {
        deadlines.remove(slot);
        slot.onOrder = false;
        room.onOrder--;
        overdue++;
        out.accept(new Effect.Overdue(slot));
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
        Effect failure = new Effect.Fail(waiter, fate, dial, endpoint.counts(), counts());
        leave(endpoint, waiter);
        waiter.fate = fate;
        if (fate == Fate.TIMED_OUT) {
            books.timedOut++;
        } else {
            books.failed++;
        }
        out.accept(failure);
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
                end(slot, CloseReason.PEER_CLOSED);
            }
            waiter = endpoint.line.first();
            slot = endpoint.latest(State.IDLE);
        }
    }

    private void serve(EndpointState endpoint, Waiter waiter, Slot slot) {
        Origin origin = originOf(slot, waiter);
        leave(endpoint, waiter);
        waiter.fate = Fate.SERVED;
        move(slot, State.LEASED, NEVER);
        slot.fresh = false;
        slot.lease++;
        books.served(origin);
        out.accept(new Effect.Deliver(waiter, slot, slot.lease, origin));
    }

    private static Origin originOf(Slot slot, Waiter waiter) {
        if (slot.fresh) {
            return Origin.NEW;
        }
        return slot.freeSince < waiter.sequence ? Origin.IMMEDIATE : Origin.DEFERRED;
    }

    /** The slot's connection is free: for an older waiter of another endpoint, for the line, or for later. */
    private void available(Slot slot) {
        if (!slot.fresh && room.mustMakeWay(slot.home, now)) {
            end(slot, CloseReason.EVICTED);
            return;
        }
        move(slot, State.IDLE, limits.idleTimeout());
        dispatch(slot.home);
        if (slot.state == State.IDLE) {
            slot.fresh = false;
            if (!slot.wire.park()) {
                end(slot, CloseReason.NOT_QUIET);
            }
        }
    }

    // ---- the life of a slot

    /** The slot enters another state, and may stay there for so long: the only way from state to state. */
    private void move(Slot slot, State state, long nanos) {
        State before = slot.state;
        if (before == State.IDLE) {
            room.idle.remove(slot.recency);
        } else if (before == State.GONE) {
            room.open++;
        }
        slot.home.move(slot, state);
        books.moves(before, state);
        if (state == State.IDLE) {
            room.idle.addLast(slot.recency);
        } else if (state == State.GONE) {
            room.open--;
        }
        deadlines.remove(slot);
        if (nanos < NEVER - now) {
            slot.deadline(now + nanos);
            deadlines.add(slot);
        }
    }

    private void open(EndpointState endpoint) {
        Slot slot = new Slot(endpoint, ++slots, wires);
        slot.cause = endpoint.firstUncovered();
        slot.freeSince = events;
        move(slot, State.DIALLING, limits.dialTimeout());
        out.accept(new Effect.Dial(slot));
    }

    private void dialled(Slot slot, boolean ok) {
        if (ok) {
            slot.cause = null;
            books.opened++;
            available(slot);
        } else {
            books.dialsFailed++;
            slot.wire.kill();
            tellCause(slot, Fate.DIAL_FAILED);
            gone(slot);
        }
    }

    /** A dial that was stopped is answered: it failed, as asked, or it was too late, so that there is a connection to be closed. */
    private void stopped(Slot slot, boolean opened) {
        books.dialsFailed++;
        if (!opened) {
            gone(slot);
        } else if (slot.reason != null) {
            out.accept(new Effect.Close(slot, slot.reason));
        }
    }

    /** Ends a slot, whatever it is at: by stopping its dial, or by closing its connection. */
    private void end(Slot slot, CloseReason reason) {
        slot.wire.kill();
        slot.cause = null;
        slot.reason = reason;
        slot.onOrder = true;
        room.onOrder++;
        move(slot, State.CLOSING, limits.grace());
        out.accept(slot.dialUnanswered ? new Effect.Stop(slot, reason) : new Effect.Close(slot, reason));
    }

    /** Gives both permits back. */
    private void gone(Slot slot) {
        if (slot.onOrder) {
            slot.onOrder = false;
            room.onOrder--;
        } else if (slot.state == State.CLOSING) {
            overdue--;
        }
        slot.cause = null;
        move(slot, State.GONE, NEVER);
    }

    private void shutdown(EndpointState endpoint) {
        for (Waiter waiter = endpoint.line.first(); waiter != null; waiter = endpoint.line.first()) {
            fail(waiter, Fate.CLOSED, null);
        }
        for (Slot slot : endpoint.slots()) {
            if (slot.state != State.CLOSING) {
                end(slot, CloseReason.MANAGER_CLOSED);
            }
        }
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        if (changed != null) {
            reconsider(changed);
        }
        for (EndpointState next = room.next(); next != null; next = room.next()) {
            open(next);
            reconsider(next);
        }
        for (Slot slot = room.whoMakesWay(); slot != null; slot = room.whoMakesWay()) {
            end(slot, CloseReason.EVICTED);
            reconsider(slot.home);
        }
        setAlarm();
        finish();
        assert checkIfDue();
    }

    /** For {@code assert}. */
    private boolean checkIfDue() {
        if (events >= nextCheck) {
            check();
            nextCheck = events + Invariants.untilNext(this);
        }
        return true;
    }

    private void reconsider(EndpointState endpoint) {
        room.reconsider(endpoint, now);
        if (endpoint.isEmpty()) {
            endpoints.remove(endpoint.endpoint, endpoint);
        }
    }

    /** The alarm is moved only to an earlier time: one that goes off too early costs less than one that is moved with every event. */
    private void setAlarm() {
        IndexedHeap.Entry first = deadlines.least();
        long next = first == null ? NEVER : first.key();
        if (books.count(State.LEASED) > 0) {
            next = Math.min(next, now + limits.patrol());
        }
        if (next < alarm) {
            alarm = next;
            out.accept(new Effect.WakeAt(next, ++alarmVersion));
        }
    }

    private void finish() {
        if (shutDown && !finished && room.open == overdue) {
            finished = true;
            out.accept(new Effect.Finished());
        }
    }
}
