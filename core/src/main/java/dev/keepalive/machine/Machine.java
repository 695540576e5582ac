package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Totals;
import dev.keepalive.machine.Slot.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    final Map<Endpoint, EndpointState> endpoints = new HashMap<>();
    final Room room;
    final Books books = new Books();

    /** Everything that has a time of its own: waiters, slots in any state, endpoints whose dials fail, and the end of a drain. */
    final IndexedHeap<IndexedHeap.Entry> deadlines = new IndexedHeap<>();

    final Ending ending = new Ending(deadlines);
    private final Rules rules;
    private final Slots slots;
    private final Lines lines;
    private final Dispatch dispatch;
    private final BackOff backOff;
    private final Clearing clearing;
    private final Alarm alarm;
    private final Invariants invariants = new Invariants(this);
    private final Consumer<Effect> out;
    private long now;
    private long events;

    /**
     * A machine with nothing in it.
     *
     * @param wires makes the outer part of each new slot
     * @param out takes the effects, in the order in which they are decided; must not call back into the machine
     */
    public Machine(Limits limits, Rules rules, Function<Slot, Wire> wires, Consumer<Effect> out) {
        this.rules = rules;
        this.room = new Room(limits, rules.patience());
        this.slots = new Slots(rules, room, books, deadlines, wires, out);
        this.lines = new Lines(room, books, deadlines, out);
        this.backOff = new BackOff(rules, deadlines);
        this.dispatch = new Dispatch(room, slots, lines, books, ending, out);
        this.clearing = new Clearing(room, slots, lines);
        this.alarm = new Alarm(out);
        this.out = out;
    }

    // ---- events: acquires

    /** Somebody asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.computeIfAbsent(waiter.endpoint(), key -> new EndpointState(key));
        lines.join(endpoint, waiter, events);
        if (ending.hasBegun()) {
            lines.fail(endpoint, waiter, Fate.CLOSED, null);
        } else if (waiter.key() <= now) {
            lines.fail(endpoint, waiter, Fate.TIMED_OUT, null);
        } else {
            dispatch.serve(endpoint, now);
        }
        open(endpoint);
        if (waiter.home != null
                && !waiter.covered
                && endpoint.uncovered() > room.limits().maxWaiting()) {
            lines.fail(endpoint, waiter, Fate.QUEUE_FULL, null);
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
            lines.join(endpoint, waiter, events);
            dispatch.serve(endpoint, now);
            served = waiter.fate == Fate.SERVED;
            if (!served) {
                lines.leave(endpoint, waiter);
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
        EndpointState endpoint = waiter.home;
        if (endpoint != null) {
            lines.leave(endpoint, waiter);
            waiter.meets(Fate.WITHDRAWN);
            books.withdrawn++;
        }
        settle(endpoint);
        return endpoint != null;
    }

    // ---- events: connections

    /** The budget has answered a slot's ask: it grants a permit, or takes note that none is wanted any more. */
    public void asked(Slot slot, boolean granted, long time) {
        begin(time);
        if (slot.askUnanswered) {
            slot.askUnanswered = false;
            if (granted && slot.state == State.ASKING) {
                slots.granted(slot, now);
            } else {
                slots.unasked(slot, granted, now);
            }
        }
        settle(slot.home);
    }

    /** A slot's dial has succeeded or failed. */
    public void dialled(Slot slot, boolean ok, long time) {
        begin(time);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                slots.stopped(slot, ok, now);
            } else if (ok) {
                slots.opened(slot, now);
                backOff.forget(slot.home);
                dispatch.available(slot, now);
            } else {
                books.dialsFailed++;
                dialFailed(slot, Fate.DIAL_FAILED);
                slots.gone(slot, now);
            }
        }
        settle(slot.home);
    }

    /** A slot's connection has been cleaned up after a lease; it is quiet, or it is not. */
    public void reset(Slot slot, boolean quiet, long time) {
        begin(time);
        if (slot.state == State.RESETTING) {
            if (quiet) {
                dispatch.available(slot, now);
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
                case REUSE -> dispatch.available(slot, now);
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
        if (slot.state != State.GONE && !slot.dialUnanswered && !slot.askUnanswered) {
            CloseReason asked = slot.reason;
            // Of a connection that was lost in a race against the peer, the machine knows only that the peer was first.
            CloseReason reason = asked == null || asked == CloseReason.PEER_CLOSED ? unasked : asked;
            slots.gone(slot, now);
            out.accept(new Effect.Gone(slot, reason));
        }
        settle(slot.home);
    }

    // ---- events: the whole

    /** Time has passed: the alarm went off. */
    public void tick(long time) {
        begin(time);
        alarm.wentOff();
        settle(null);
    }

    /** Other limits hold from now on. What is above a lowered one ends: what is free at once, what is in use when it is free. */
    public void configure(Limits limits, long time) {
        begin(time);
        room.limits(limits);
        forAll(clearing::surplus);
        forAll(clearing::surplusInAll);
        settle(null);
    }

    /** The connections to these endpoints end: those that are free at once, those that are in use or under way after their present or first use. */
    public void retire(Set<Endpoint> which, long time) {
        begin(time);
        for (Endpoint key : which) {
            EndpointState endpoint = endpoints.get(key);
            if (endpoint != null) {
                clearing.retired(endpoint, now);
                reconsider(endpoint);
            }
        }
        settle(null);
    }

    /**
     * The budget wants so many permits back, until it says otherwise.
     *
     * @return how many are on their way to it now
     */
    public int owed(int level, long time) {
        begin(time);
        room.owed(level, now);
        settle(null);
        return room.paying;
    }

    /** Everything ends when all who wait have been served and all leases have ended, at this time at the latest. Newcomers are refused. */
    public void drain(long deadline, long time) {
        begin(time);
        if (ending.drain(deadline)) {
            forAll(clearing::idle);
        }
        if (deadline <= now) {
            cutShort();
        }
        settle(null);
    }

    /** Everything ends, now. */
    public void shutdown(long time) {
        begin(time);
        cutShort();
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

    /** The limits that hold now. */
    public Limits limits() {
        return room.limits();
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
            if (due instanceof Waiter waiter) {
                timeOut(waiter);
            } else if (due instanceof Slot slot) {
                expire(slot);
                reconsider(slot.home);
            } else if (due instanceof Health health) {
                backOff.isOver(health, now);
                reconsider(health.home);
            } else {
                cutShort();
            }
        }
    }

    private void timeOut(Waiter waiter) {
        EndpointState endpoint = waiter.home;
        if (endpoint == null) {
            throw new IllegalStateException("a waiter without its endpoint");
        }
        lines.fail(endpoint, waiter, Fate.TIMED_OUT, waiter.covered ? endpoint.oldestDial() : null);
        reconsider(endpoint);
    }

    private void expire(Slot slot) {
        switch (slot.state) {
            case DIALLING -> {
                dialFailed(slot, Fate.DIAL_TIMED_OUT);
                slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            }
            case RESETTING -> slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            case IDLE -> slots.end(slot, slot.isTooOld(now) ? CloseReason.LIFETIME : CloseReason.IDLE_TIMEOUT, now);
            case LEASED -> slots.isHeld(slot);
            case CLOSING -> slots.giveUp(slot);
            case ASKING, GONE -> throw new IllegalStateException("a deadline on a slot that is " + slot.state);
        }
    }

    private void dialFailed(Slot slot, Fate fate) {
        lines.tellCause(slot, fate);
        backOff.failed(slot, now, events);
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        open(changed);
        for (Slot slot = room.whoMakesWay(); slot != null; slot = room.whoMakesWay()) {
            slots.end(slot, CloseReason.EVICTED, now);
            reconsider(slot.home);
        }
        setAlarm();
        if (ending.isNow(room.open - slots.overdue(), books.waiting)) {
            out.accept(new Effect.Finished(ending.isClean()));
        }
        assert invariants.holdIfDue(events);
    }

    /** Opens for whoever waits until nothing more may be opened. */
    private void open(@Nullable EndpointState changed) {
        if (changed != null) {
            reconsider(changed);
        }
        for (EndpointState next = room.next(); next != null; next = room.next()) {
            slots.open(next, now, events);
            next.keptOutSince = now;
            reconsider(next);
        }
    }

    private void reconsider(EndpointState endpoint) {
        if (endpoint.isHopeless() && endpoint.health != null) {
            lines.failAll(endpoint, Fate.PAUSED, endpoint.health.lastFailed);
        }
        clearing.notWaitedFor(endpoint, ending.hasBegun(), now);
        room.reconsider(endpoint, now);
        if (endpoint.isEmpty()) {
            endpoints.remove(endpoint.endpoint, endpoint);
        }
    }

    private void forAll(Clearing.Deed deed) {
        for (EndpointState endpoint : List.copyOf(endpoints.values())) {
            deed.on(endpoint, now);
            reconsider(endpoint);
        }
    }

    private void cutShort() {
        ending.shutDown(books.waiting + books.count(State.LEASED) == 0);
        forAll((endpoint, when) -> {
            clearing.all(endpoint, when);
            backOff.forget(endpoint);
        });
    }

    private void setAlarm() {
        IndexedHeap.Entry first = deadlines.least();
        alarm.setNoLaterThan(first == null ? NEVER : first.key());
        if (books.count(State.LEASED) > 0) {
            alarm.setNoLaterThan(now + rules.patrol());
        }
    }
}
