package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Totals;
import dev.keepalive.machine.Slot.State;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets which connection, and what is opened and closed. One method per event: it first ends what is due by
 * the time given, then records the fact, then settles, that is, opens for whoever waits until nothing more may be
 * opened. Not safe for several threads: whoever drives it does so from one at a time. Runs no foreign code but a slot's
 * {@link Wire}.
 */
public final class Machine {
    final EndpointTable endpoints;
    final Room room;
    final Books books = new Books();

    /**
     * Everything that has a time of its own: waiters, slots in any state, endpoints whose dials fail, and the end of a
     * drain.
     */
    final IndexedHeap<IndexedHeap.Entry> deadlines = new IndexedHeap<>();

    final Ending ending;
    private final Rules rules;
    private final Journal journal;
    private final Slots slots;
    private final Lines lines;
    private final Settlement settlement;
    private final Dispatch dispatch;
    private final BackOff backOff;
    private final Clearing clearing;
    private final Dues dues;
    private final Alarm alarm;
    private final Invariants invariants = new Invariants(this);
    private final Consumer<Effect> out;
    private long now;
    private long events;

    /**
     * A machine with nothing in it.
     *
     * @param wires makes the outer part of each new slot
     * @param effects takes the effects, in the order in which they are decided; must not call back into the machine
     * @param journal is told all that the machine is told
     */
    public Machine(Limits limits, Rules rules, Function<Slot, Wire> wires, Consumer<Effect> effects, Journal journal) {
        Consumer<Effect> out = journal == Journal.NONE
                ? effects
                : effect -> {
                    journal.effect(effect);
                    effects.accept(effect);
                };
        this.journal = journal;
        this.rules = rules;
        this.room = new Room(limits, rules.patience(), new Ceiling(deadlines, rules.scarcity()));
        this.slots = new Slots(rules, room, books, deadlines, wires, out, journal);
        this.lines = new Lines(room, books, deadlines, out);
        this.backOff = new BackOff(rules, deadlines, slots, lines, room);
        this.clearing = new Clearing(room, slots, lines);
        this.ending = new Ending(deadlines, books, clearing, backOff);
        this.dispatch = new Dispatch(room, slots, lines, books, ending, out);
        this.endpoints = new EndpointTable(journal);
        this.settlement = new Settlement(endpoints, room, slots, lines, clearing, ending);
        this.dues = new Dues(deadlines, settlement, slots, lines, backOff, clearing, ending);
        this.alarm = new Alarm(out);
        this.out = out;
    }

    // ---- events: acquires

    /** Somebody asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.of(waiter.endpoint());
        journal.acquire(time, endpoint.number, waiter.key(), waiter.loop());
        lines.join(endpoint, waiter, events);
        if (ending.hasBegun()) {
            lines.fail(endpoint, waiter, Fate.CLOSED, null);
        } else if (waiter.key() <= now) {
            lines.fail(endpoint, waiter, Fate.TIMED_OUT, null);
        } else {
            dispatch.serve(endpoint, now);
        }
        settlement.open(endpoint, now, events);
        if (waiter.home != null
                && !lines.isCovered(waiter)
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
        EndpointState endpoint = endpoints.known(waiter.endpoint());
        journal.tryAcquire(time, endpoint == null ? 0 : endpoint.number, waiter.loop());
        boolean served = false;
        if (endpoint != null) {
            lines.join(endpoint, waiter, events);
            dispatch.serve(endpoint, now);
            served = !waiter.waits();
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
        journal.cancel(time, waiter.sequence);
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
        journal.asked(time, slot.number(), granted);
        if (slot.askUnanswered) {
            slot.askUnanswered = false;
            if (granted && slot.state == State.ASKING) {
                slots.granted(slot, now, events);
            } else {
                slots.unasked(slot, granted, now);
            }
        }
        settle(slot.home);
    }

    /**
     * A slot's dial has ended.
     *
     * @param loop the number of the event loop that the connection is on; 0 if none is known
     */
    public void dialled(Slot slot, DialResult result, int loop, long time) {
        begin(time);
        journal.dialled(time, slot.number(), result, loop);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                slots.stopped(slot, result == DialResult.OPENED, now);
            } else if (result == DialResult.OPENED) {
                slots.opened(slot, loop, now);
                backOff.forget(slot.home);
                dispatch.available(slot, now);
            } else {
                books.dialsFailed++;
                backOff.dialFailed(slot, result, now, events);
            }
        }
        settle(slot.home);
    }

    /** A slot's connection has been cleaned up after a lease; it is quiet, or it is not. */
    public void reset(Slot slot, boolean quiet, long time) {
        begin(time);
        journal.reset(time, slot.number(), quiet);
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
     * A lease gives its connection back. It may be one that somebody helped himself to.
     *
     * @param as what the connection leads to from now on, if that changes and it may be leased again; else null
     * @return true if that lease was the slot's present one; else nothing has happened
     */
    public boolean released(Slot slot, long lease, Giving giving, @Nullable Endpoint as, long time) {
        begin(time);
        boolean lent = slot.state == State.IDLE && lease > slot.lease;
        boolean present = lent || slot.state == State.LEASED && slot.lease == lease;
        EndpointState to = present && as != null ? endpoints.of(as) : null;
        journal.released(time, slot.number(), lease, giving, to == null ? 0 : to.number);
        if (lent) {
            slots.lent(slot, lease, now);
        }
        if (present) {
            slot.freeSince = events;
            if (to == null || rekeyed(slot, to)) {
                give(slot, giving);
            }
        }
        settle(slot.home);
        return present;
    }

    /**
     * Brings a slot to another endpoint, if there is a place for it; else it ends where it is, since limits hold for
     * what is kept too.
     *
     * @return true if it is there
     */
    private boolean rekeyed(Slot slot, EndpointState to) {
        EndpointState before = slot.home;
        boolean place = to == before || room.hasPlace(to);
        if (place) {
            slots.rekey(slot, to);
        } else {
            slots.end(slot, CloseReason.RETIRED, now);
        }
        settlement.reconsider(before, now);
        settlement.reconsider(to, now);
        return place;
    }

    private void give(Slot slot, Giving giving) {
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

    /** A slot's connection is gone, asked for or not. */
    public void closed(Slot slot, CloseReason unasked, long time) {
        begin(time);
        journal.closed(time, slot.number(), unasked);
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
        journal.tick(time);
        alarm.wentOff();
        settle(null);
    }

    /**
     * Other limits hold from now on. What is above a lowered one ends: what is free at once, what is in use when it is
     * free.
     */
    public void configure(Limits limits, long time) {
        begin(time);
        journal.configure(time, limits);
        room.limits(limits);
        settlement.forAll(clearing::surplus, now);
        settlement.endSurplus(now);
        settle(null);
    }

    /**
     * The connections to this endpoint end: those that are free at once, those that are in use or under way after their
     * present or first use.
     */
    public void retire(Endpoint which, long time) {
        begin(time);
        EndpointState endpoint = endpoints.known(which);
        journal.retire(time, endpoint == null ? 0 : endpoint.number);
        if (endpoint != null) {
            clearing.retired(endpoint, now);
        }
        settle(endpoint);
    }

    /** One connection ends, in the same way. */
    public void retire(Slot slot, long time) {
        begin(time);
        journal.retireOne(time, slot.number());
        clearing.retired(slot, now);
        settle(slot.home);
    }

    /** The connections to all endpoints end, in the same way. */
    public void retireAll(long time) {
        begin(time);
        journal.retireAll(time);
        settlement.forAll(clearing::retired, now);
        settle(null);
    }

    /**
     * The budget wants so many permits back, until it says otherwise.
     *
     * @return how many are on their way to it now
     */
    public int owed(int level, long time) {
        begin(time);
        journal.owed(time, level);
        room.owed(level, now);
        settle(null);
        return room.paying;
    }

    /**
     * Everything ends when all who wait have been served and all leases have ended, at this time at the latest.
     * Newcomers are refused.
     */
    public void drain(long deadline, long time) {
        begin(time);
        journal.drain(time, deadline);
        ending.drain(deadline, settlement, now);
        settle(null);
    }

    /** Everything ends, now. */
    public void shutdown(long time) {
        begin(time);
        journal.shutdown(time);
        ending.cutShort(settlement, now);
        settle(null);
    }

    // ---- what it holds

    /** All counts. */
    public Counts counts() {
        return books.counts();
    }

    /** The counts by endpoint. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        return endpoints.counts();
    }

    /** What was done since the start. */
    public Totals totals() {
        return books.totals();
    }

    /** How many events have begun. */
    public long events() {
        return events;
    }

    /** The limits that hold now. */
    public Limits limits() {
        return room.limits();
    }

    /**
     * Walks over everything; throws an {@link IllegalStateException} if an invariant of the architecture does not hold.
     */
    public void check() {
        invariants.check();
    }

    private void begin(long time) {
        // First of all: as long as it has not been counted, an event has changed nothing.
        events++;
        journal.begins();
        now = Math.max(now, time);
        dues.end(now, events);
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        settlement.open(changed, now, events);
        settlement.makeWay(now);
        setAlarm();
        if (ending.isNow(room.open - slots.overdue(), books.waiting)) {
            out.accept(new Effect.Finished(ending.isClean()));
        }
        assert invariants.holdIfDue(events);
    }

    private void setAlarm() {
        boolean mayBeInUse = books.count(State.LEASED) + books.count(State.IDLE) > 0;
        alarm.setNoLaterThan(mayBeInUse ? Math.min(dues.next(), now + rules.patrol()) : dues.next());
    }
}
