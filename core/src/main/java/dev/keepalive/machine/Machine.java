package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
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
 * {@link AtomicSlot}.
 */
public final class Machine {
    final EndpointTable endpoints;
    final Admission admission;
    final Counters counters = new Counters();

    /**
     * Everything that has a time of its own: waiters, slots in any state, endpoints whose dials fail, and the end of a
     * drain.
     */
    final IndexedHeap<IndexedHeap.Entry> deadlines = new IndexedHeap<>();

    final ShutdownState shutdown;
    private final MachineConfig config;
    private final History history;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final Settlement settlement;
    private final Dispatch dispatch;
    private final BackOff backOff;
    private final Evictions evictions;
    private final Timeouts timeouts;
    private final WakeUp wakeUp;
    private final Invariants invariants = new Invariants(this);
    private final Consumer<Effect> out;
    private long now;
    private long events;

    /**
     * A machine with nothing in it.
     *
     * @param wires makes the outer part of each new slot
     * @param effects takes the effects, in the order in which they are decided; must not call back into the machine
     * @param history is told all that the machine is told
     */
    public Machine(
            Limits limits,
            MachineConfig config,
            Function<Slot, AtomicSlot> wires,
            Consumer<Effect> effects,
            History history) {
        Consumer<Effect> out = history == History.NONE
                ? effects
                : effect -> {
                    history.effect(effect);
                    effects.accept(effect);
                };
        this.history = history;
        this.config = config;
        this.admission = new Admission(limits, config.patience(), new ResourceCeiling(deadlines, config.scarcity()));
        this.transitions = new SlotTransitions(config, admission, counters, deadlines, wires, out, history);
        this.waitQueues = new WaitQueues(admission, counters, deadlines, out);
        this.backOff = new BackOff(config, deadlines, transitions, waitQueues, admission);
        this.evictions = new Evictions(admission, transitions, waitQueues);
        this.shutdown = new ShutdownState(deadlines, counters, evictions, backOff);
        this.dispatch = new Dispatch(admission, transitions, waitQueues, counters, shutdown, out);
        this.endpoints = new EndpointTable(history);
        this.settlement = new Settlement(endpoints, admission, transitions, waitQueues, evictions, shutdown);
        this.timeouts = new Timeouts(deadlines, settlement, transitions, waitQueues, backOff, evictions, shutdown);
        this.wakeUp = new WakeUp(out);
        this.out = out;
    }

    // ---- events: acquires

    /** Somebody asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.of(waiter.endpoint());
        history.acquire(time, endpoint.number, waiter.key(), waiter.loop());
        waitQueues.join(endpoint, waiter, events);
        if (shutdown.hasBegun()) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.CLOSED, null);
        } else if (waiter.key() <= now) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.TIMED_OUT, null);
        } else {
            dispatch.serve(endpoint, now);
        }
        settlement.open(endpoint, now, events);
        if (waiter.home != null
                && !waitQueues.isCovered(waiter)
                && endpoint.uncovered() > admission.limits().maxWaitingPerEndpoint()) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.QUEUE_FULL, null);
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
        EndpointState endpoint = endpoints.find(waiter.endpoint());
        history.tryAcquire(time, endpoint == null ? 0 : endpoint.number, waiter.loop());
        boolean served = false;
        if (endpoint != null) {
            waitQueues.join(endpoint, waiter, events);
            dispatch.serve(endpoint, now);
            served = !waiter.isWaiting();
            if (!served) {
                waitQueues.leave(endpoint, waiter);
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
        history.cancel(time, waiter.sequence);
        EndpointState endpoint = waiter.home;
        if (endpoint != null) {
            waitQueues.leave(endpoint, waiter);
            waiter.end(AcquireOutcome.CANCELLED);
            counters.cancelled++;
        }
        settle(endpoint);
        return endpoint != null;
    }

    // ---- events: connections

    /** The budget has answered a slot's ask: it grants a permit, or takes note that none is wanted any more. */
    public void permitAnswered(Slot slot, boolean granted, long time) {
        begin(time);
        history.permitAnswered(time, slot.number(), granted);
        if (slot.permitUnanswered) {
            slot.permitUnanswered = false;
            if (granted && slot.state == State.AWAITING_PERMIT) {
                transitions.granted(slot, now, events);
            } else {
                transitions.permitRequestCancelled(slot, granted, now);
            }
        }
        settle(slot.home);
    }

    /**
     * A slot's dial has ended.
     *
     * @param loop the number of the event loop that the connection is on; 0 if none is known
     */
    public void dialDone(Slot slot, DialResult result, int loop, long time) {
        begin(time);
        history.dialDone(time, slot.number(), result, loop);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                transitions.stopped(slot, result == DialResult.OPENED, now);
            } else if (result == DialResult.OPENED) {
                transitions.opened(slot, loop, now);
                backOff.forget(slot.home);
                dispatch.available(slot, now);
            } else {
                counters.dialsFailed++;
                backOff.dialFailed(slot, result, now, events);
            }
        }
        settle(slot.home);
    }

    /** A slot's connection has been cleaned up after a lease; it is quiet, or it is not. */
    public void resetDone(Slot slot, boolean quiet, long time) {
        begin(time);
        history.resetDone(time, slot.number(), quiet);
        if (slot.state == State.RESETTING) {
            if (quiet) {
                dispatch.available(slot, now);
            } else {
                transitions.end(slot, CloseReason.NOT_REUSABLE, now);
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
    public boolean released(Slot slot, long lease, ReleaseKind kind, @Nullable Endpoint as, long time) {
        begin(time);
        boolean lent = slot.state == State.IDLE && lease > slot.lease;
        boolean present = lent || slot.state == State.LEASED && slot.lease == lease;
        EndpointState to = present && as != null ? endpoints.of(as) : null;
        history.released(time, slot.number(), lease, kind, to == null ? 0 : to.number);
        if (lent) {
            transitions.borrowed(slot, lease, now);
        }
        if (present) {
            slot.freeSince = events;
            if (to == null || rekey(slot, to)) {
                giveBack(slot, kind);
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
    private boolean rekey(Slot slot, EndpointState to) {
        EndpointState before = slot.home;
        boolean place = to == before || admission.hasRoom(to);
        if (place) {
            transitions.rekey(slot, to);
        } else {
            transitions.end(slot, CloseReason.RETIRED, now);
        }
        settlement.reconsider(before, now);
        settlement.reconsider(to, now);
        return place;
    }

    private void giveBack(Slot slot, ReleaseKind kind) {
        switch (kind) {
            case REUSE -> dispatch.available(slot, now);
            case RESET -> transitions.reset(slot, now);
            case NOT_REUSABLE -> transitions.end(slot, CloseReason.NOT_REUSABLE, now);
            case INVALIDATED -> transitions.end(slot, CloseReason.INVALIDATED, now);
            case LEAKED -> {
                counters.leaked++;
                transitions.end(slot, CloseReason.LEAKED, now);
            }
        }
    }

    /** A slot's connection is gone, asked for or not. */
    public void closed(Slot slot, CloseReason unasked, long time) {
        begin(time);
        history.closed(time, slot.number(), unasked);
        if (slot.state != State.GONE && !slot.dialUnanswered && !slot.permitUnanswered) {
            CloseReason asked = slot.reason;
            // Of a connection that was lost in a race against the peer, the machine knows only that the peer was first.
            CloseReason reason = asked == null || asked == CloseReason.PEER_CLOSED ? unasked : asked;
            transitions.gone(slot, now);
            out.accept(new Effect.Gone(slot, reason));
        }
        settle(slot.home);
    }

    // ---- events: the whole

    /** Time has passed: the alarm went off. */
    public void tick(long time) {
        begin(time);
        history.tick(time);
        wakeUp.wentOff();
        settle(null);
    }

    /**
     * Other limits hold from now on. What is above a lowered one ends: what is free at once, what is in use when it is
     * free.
     */
    public void configure(Limits limits, long time) {
        begin(time);
        history.configure(time, limits);
        admission.limits(limits);
        settlement.forAll(evictions::endSurplus, now);
        settlement.endSurplus(now);
        settle(null);
    }

    /**
     * The connections to this endpoint end: those that are free at once, those that are in use or under way after their
     * present or first use.
     */
    public void retire(Endpoint which, long time) {
        begin(time);
        EndpointState endpoint = endpoints.find(which);
        history.retire(time, endpoint == null ? 0 : endpoint.number);
        if (endpoint != null) {
            evictions.retire(endpoint, now);
        }
        settle(endpoint);
    }

    /** One connection ends, in the same way. */
    public void retire(Slot slot, long time) {
        begin(time);
        history.retireOne(time, slot.number());
        evictions.retire(slot, now);
        settle(slot.home);
    }

    /** The connections to all endpoints end, in the same way. */
    public void retireAll(long time) {
        begin(time);
        history.retireAll(time);
        settlement.forAll(evictions::retire, now);
        settle(null);
    }

    /**
     * The budget wants so many permits back, until it says otherwise.
     *
     * @return how many are on their way to it now
     */
    public int owed(int level, long time) {
        begin(time);
        history.owed(time, level);
        admission.owed(level, now);
        settle(null);
        return admission.permitsOnOrder;
    }

    /**
     * Everything ends when all who wait have been served and all leases have ended, at this time at the latest.
     * Newcomers are refused.
     */
    public void drain(long deadline, long time) {
        begin(time);
        history.drain(time, deadline);
        shutdown.drain(deadline, settlement, now);
        settle(null);
    }

    /** Everything ends, now. */
    public void shutdown(long time) {
        begin(time);
        history.shutdown(time);
        shutdown.cutShort(settlement, now);
        settle(null);
    }

    // ---- what it holds

    /** All counts. */
    public Counts counts() {
        return counters.counts();
    }

    /** The counts by endpoint. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        return endpoints.counts();
    }

    /** What was done since the start. */
    public Totals totals() {
        return counters.totals();
    }

    /** How many events have begun. */
    public long events() {
        return events;
    }

    /** The limits that hold now. */
    public Limits limits() {
        return admission.limits();
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
        history.eventBegins();
        now = Math.max(now, time);
        timeouts.endDue(now, events);
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        settlement.open(changed, now, events);
        settlement.makeWay(now);
        setAlarm();
        if (shutdown.finishIfEmpty(admission.open - transitions.overdue(), counters.waiting)) {
            out.accept(new Effect.Finished(shutdown.isClean()));
        }
        assert invariants.checkIfDue(events);
    }

    private void setAlarm() {
        boolean mayBeInUse = counters.count(State.LEASED) + counters.count(State.IDLE) > 0;
        wakeUp.setNoLaterThan(
                mayBeInUse ? Math.min(timeouts.nextDeadline(), now + config.patrol()) : timeouts.nextDeadline());
    }
}
