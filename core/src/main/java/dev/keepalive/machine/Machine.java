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
 * The state machine: decides which acquire gets which connection, and what is opened and closed. There is one method
 * for each event. It first ends everything whose deadline has passed, then records the event, then settles, that is,
 * opens slots for waiters until no more may be opened. Not safe for use by several threads at a time. The only foreign
 * code that it calls is {@link AtomicSlot}, {@link History} and the consumer of effects.
 */
public final class Machine {
    final EndpointTable endpoints;
    final Admission admission;
    final Counters counters = new Counters();

    /**
     * Everything that has a deadline: waiters, slots in any state, endpoints whose dials fail, the resource ceiling,
     * and the end of a drain.
     */
    final IndexedHeap<IndexedHeap.Entry> deadlines = new IndexedHeap<>();

    final ShutdownState shutdown;
    private final MachineConfig config;
    private final History history;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final SlotOpener slotOpener;
    private final Dispatch dispatch;
    private final BackOff backOff;
    private final Retirements retirements;
    private final Timeouts timeouts;
    private final WakeUp wakeUp;
    final SharedTransitions sharedTransitions;
    final YieldRules yieldRules;
    private final SharedDispatch sharedDispatch;
    private final Invariants invariants = new Invariants(this);
    private final Consumer<Effect> out;
    private long now;

    /**
     * A machine that holds nothing.
     *
     * @param atomicSlots makes the atomic part of each new slot
     * @param effects takes the effects in the order in which they are decided; must not call the machine
     * @param history is told everything that the machine is told
     */
    public Machine(
            Limits limits,
            MachineConfig config,
            Function<Slot, AtomicSlot> atomicSlots,
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
        this.endpoints = new EndpointTable(history, config.rememberedEndpoints());
        this.admission =
                new Admission(limits, config, endpoints, new ResourceCeiling(deadlines, config.ceilingDuration()));
        this.sharedTransitions = new SharedTransitions(config, counters, deadlines);
        this.transitions = new SlotTransitions(
                config, admission, counters, deadlines, atomicSlots, out, history, sharedTransitions);
        this.waitQueues = new WaitQueues(admission, counters, deadlines, out);
        this.backOff = new BackOff(config, deadlines, transitions, waitQueues, admission);
        this.retirements = new Retirements(admission, transitions, waitQueues);
        this.shutdown = new ShutdownState(deadlines, counters, retirements, backOff);
        this.yieldRules = new YieldRules(admission, sharedTransitions);
        this.dispatch = new Dispatch(
                admission, transitions, waitQueues, counters, shutdown, yieldRules, sharedTransitions, out);
        this.sharedDispatch = new SharedDispatch(
                admission, transitions, sharedTransitions, yieldRules, dispatch, counters, shutdown, out);
        this.slotOpener = new SlotOpener(endpoints, admission, transitions, waitQueues, retirements, shutdown);
        this.timeouts = new Timeouts(
                deadlines, slotOpener, transitions, waitQueues, backOff, retirements, shutdown, sharedDispatch);
        this.wakeUp = new WakeUp(out);
        this.out = out;
    }

    // ---- events: acquires

    /** An acquire: its waiter asks for a connection. */
    public void acquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.of(waiter.endpoint());
        history.acquire(
                time, endpoint.number(), waiter.key(), waiter.loop(), waiter.fresh, waiter.patient, waiter.expected);
        endpoint.declare(waiter.expected);
        waitQueues.join(endpoint, waiter, counters.events);
        if (shutdown.hasBegun()) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.CLOSED, null);
        } else if (waiter.key() <= now) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.TIMED_OUT, null);
        } else {
            dispatch.serve(endpoint, now);
        }
        slotOpener.open(endpoint, now, counters.events);
        if (waiter.home != null
                && !waitQueues.isCovered(waiter)
                && endpoint.uncovered() > admission.limits().maxWaitingPerEndpoint()) {
            waitQueues.fail(endpoint, waiter, AcquireOutcome.QUEUE_FULL, null);
        }
        settle(endpoint);
    }

    /**
     * An acquire of an idle connection. The waiter must not want a fresh one.
     *
     * @return true if the waiter got one; else nothing has happened
     */
    public boolean tryAcquire(Waiter waiter, long time) {
        begin(time);
        EndpointState endpoint = endpoints.find(waiter.endpoint());
        history.tryAcquire(time, endpoint == null ? 0 : endpoint.number(), waiter.loop());
        boolean served = false;
        if (endpoint != null) {
            waitQueues.join(endpoint, waiter, counters.events);
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
     * An acquire is cancelled.
     *
     * @return true if it was still waiting
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

    /**
     * The budget has answered a slot's permit request. It grants a permit, or confirms that the request is cancelled.
     */
    public void permitAnswered(Slot slot, boolean granted, long time) {
        begin(time);
        history.permitAnswered(time, slot.number(), granted);
        if (slot.permitUnanswered) {
            slot.permitUnanswered = false;
            if (granted && slot.state == State.AWAITING_PERMIT) {
                transitions.granted(slot, now, counters.events);
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
                opened(slot, loop);
            } else {
                counters.dialsFailed++;
                backOff.dialFailed(slot, result, now, counters.events);
            }
        }
        settle(slot.home);
    }

    /** A dial has succeeded, unless its connection turns out to be dead: then it has failed. */
    private void opened(Slot slot, int loop) {
        Waiter cause = slot.cause();
        transitions.opened(slot, loop, now);
        slot.home.learn(1);
        dialSucceeded(slot, cause, dispatch.available(slot, now));
    }

    private void dialSucceeded(Slot slot, @Nullable Waiter cause, boolean alive) {
        if (alive) {
            counters.opened++;
            backOff.dialSucceeded(slot.home);
        } else {
            counters.dialsFailed++;
            backOff.openedDead(slot, cause, now, counters.events);
        }
    }

    /**
     * A slot's dial has succeeded, and the connection takes several leases at a time.
     *
     * @param loop the number of the event loop that the connection is on; 0 if none is known
     * @param capacity how many leases it takes now, at least 1
     */
    public void openedShared(Slot slot, int loop, int capacity, long time) {
        begin(time);
        history.openedShared(time, slot.number(), loop, capacity);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                transitions.stopped(slot, true, now);
            } else {
                Waiter cause = slot.cause();
                transitions.opened(slot, loop, now);
                dialSucceeded(slot, cause, sharedDispatch.opened(slot, capacity, now));
                dispatch.serve(slot.home, now);
            }
        }
        settle(slot.home);
    }

    /**
     * A shared connection takes so many leases at a time from now on. Leases above that number go on.
     *
     * @param capacity at least 0
     */
    public void capacity(Slot slot, int capacity, long time) {
        begin(time);
        history.capacity(time, slot.number(), capacity);
        Places places = slot.places();
        if (places != null) {
            sharedDispatch.capacity(places, capacity, now);
        }
        settle(slot.home);
    }

    /** What one lease of a shared connection had left behind is cleaned up, or cannot be. */
    public void resetDone(Slot slot, long lease, boolean reusable, long time) {
        begin(time);
        history.leaseReset(time, slot.number(), lease, reusable);
        Places places = slot.places();
        if (places != null) {
            sharedDispatch.resetDone(places, lease, reusable, now);
        }
        settle(slot.home);
    }

    /** The reset of a slot's connection has ended. The connection is reusable, or it is not. */
    public void resetDone(Slot slot, boolean reusable, long time) {
        begin(time);
        history.resetDone(time, slot.number(), reusable);
        if (slot.state == State.RESETTING) {
            if (reusable) {
                dispatch.available(slot, now);
            } else {
                transitions.end(slot, CloseReason.NOT_REUSABLE, now);
            }
        }
        settle(slot.home);
    }

    /**
     * A lease has ended, and its connection comes back. It may be a borrowed one.
     *
     * @param as the endpoint that the connection leads to from now on, if that changes and the connection may be leased
     *     again; else null
     * @return true if the lease was the slot's present one; else nothing has happened
     */
    public boolean released(Slot slot, long lease, ReleaseKind kind, @Nullable Endpoint as, long time) {
        begin(time);
        Places places = slot.places();
        if (places != null) {
            if (as != null) {
                throw new IllegalStateException("a shared connection would lead to another endpoint");
            }
            history.released(time, slot.number(), lease, kind, 0);
            boolean held = sharedDispatch.released(places, lease, kind, now);
            settle(slot.home);
            return held;
        }
        boolean borrowed = slot.state == State.IDLE && lease > slot.lease;
        boolean present = borrowed || slot.state == State.LEASED && slot.lease == lease;
        EndpointState to = present && as != null ? endpoints.of(as) : null;
        history.released(time, slot.number(), lease, kind, to == null ? 0 : to.number());
        if (borrowed) {
            transitions.borrowed(slot, lease, now);
        }
        if (present) {
            slot.freeSince = counters.events;
            if (to == null || rekey(slot, to)) {
                giveBack(slot, kind);
            }
        }
        settle(slot.home);
        return present;
    }

    /**
     * Moves a slot to another endpoint if there is room for it below that endpoint's limit; else ends it where it is,
     * since limits also hold for connections that are kept.
     *
     * @return true if the slot was moved
     */
    private boolean rekey(Slot slot, EndpointState to) {
        EndpointState before = slot.home;
        boolean hasRoom = to == before || admission.hasRoom(to);
        if (hasRoom) {
            transitions.rekey(slot, to);
        } else {
            transitions.end(slot, CloseReason.RETIRED, now);
        }
        slotOpener.reconsider(before, now);
        slotOpener.reconsider(to, now);
        return hasRoom;
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

    /**
     * A slot's connection is gone.
     *
     * @param unrequestedReason the reason if the machine had not asked for the close
     */
    public void closed(Slot slot, CloseReason unrequestedReason, long time) {
        begin(time);
        history.closed(time, slot.number(), unrequestedReason);
        if (slot.state != State.GONE && !slot.dialUnanswered && !slot.permitUnanswered) {
            CloseReason requested = slot.reason;
            // PEER_CLOSED as the machine's own reason is a guess after a failed claim: the report knows better.
            CloseReason reason =
                    requested == null || requested == CloseReason.PEER_CLOSED ? unrequestedReason : requested;
            transitions.gone(slot, now);
            out.accept(new Effect.Gone(slot, reason));
        }
        settle(slot.home);
    }

    // ---- events: the whole machine

    /** Time has passed: the timer of the last {@link Effect.WakeAt} went off. */
    public void tick(long time) {
        begin(time);
        history.tick(time);
        wakeUp.wentOff();
        settle(null);
    }

    /**
     * Other limits hold from now on. Slots above a lowered limit end: free ones at once, those in use when they are
     * free.
     */
    public void configure(Limits limits, long time) {
        begin(time);
        history.configure(time, limits);
        admission.limits(limits);
        slotOpener.forAll(retirements::endSurplus, now);
        slotOpener.endSurplus(now);
        settle(null);
    }

    /**
     * The connections to this endpoint are retired: free ones end at once, those in use or being opened after their
     * present or first use.
     */
    public void retire(Endpoint key, long time) {
        begin(time);
        EndpointState endpoint = endpoints.find(key);
        history.retire(time, endpoint == null ? 0 : endpoint.number());
        if (endpoint != null) {
            retirements.retire(endpoint, now);
        }
        settle(endpoint);
    }

    /** One connection is retired, in the same way. */
    public void retire(Slot slot, long time) {
        begin(time);
        history.retireOne(time, slot.number());
        retirements.retire(slot, now);
        settle(slot.home);
    }

    /** The connections to all endpoints are retired, in the same way. */
    public void retireAll(long time) {
        begin(time);
        history.retireAll(time);
        // All are retired before a waiter fails for it: its failure tells of them all.
        endpoints.all().forEach(endpoint -> retirements.retire(endpoint, now));
        slotOpener.reconsiderAll(now);
        settle(null);
    }

    /**
     * The budget wants this many permits back, until it tells another number.
     *
     * @return how many permits are on their way back to the budget now
     */
    public int owed(int level, long time) {
        begin(time);
        history.owed(time, level);
        admission.owed(level, now);
        settle(null);
        return admission.permitsOnOrder;
    }

    /**
     * The machine drains: it refuses new acquires and ends when all waiters have been served and all leases have ended,
     * at the deadline at the latest.
     */
    public void drain(long deadline, long time) {
        begin(time);
        history.drain(time, deadline);
        shutdown.drain(deadline, slotOpener, now);
        settle(null);
    }

    /** The machine ends everything now. */
    public void shutdown(long time) {
        begin(time);
        history.shutdown(time);
        shutdown.cutShort(slotOpener, now);
        settle(null);
    }

    // ---- what it holds

    /** The counts over all endpoints. */
    public Counts counts() {
        return counters.counts();
    }

    /** The counts of each endpoint. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        return endpoints.counts();
    }

    /** How often each kind of event has happened since the start. */
    public Totals totals() {
        return counters.totals();
    }

    /** How many events have begun. */
    public long events() {
        return counters.events;
    }

    /** When the timer of the last {@link Effect.WakeAt} goes off; {@link Long#MAX_VALUE} if none is set. */
    public long wakeUp() {
        return wakeUp.time();
    }

    /** The limits that hold now. */
    public Limits limits() {
        return admission.limits();
    }

    /**
     * Checks all invariants of the architecture by a walk over everything.
     *
     * @throws IllegalStateException if one does not hold
     */
    public void check() {
        invariants.check();
    }

    long now() {
        return now;
    }

    private void begin(long time) {
        // This comes first: an event that was not counted has changed nothing.
        counters.events++;
        history.eventBegins();
        now = Math.max(now, time);
        timeouts.endDue(now, counters.events);
    }

    // ---- settling

    private void settle(@Nullable EndpointState changed) {
        slotOpener.open(changed, now, counters.events);
        slotOpener.makeWay(now, counters.events);
        EndpointState served = sharedDispatch.takeBack(now);
        while (served != null) {
            slotOpener.open(served, now, counters.events);
            slotOpener.makeWay(now, counters.events);
            served = sharedDispatch.takeBack(now);
        }
        setAlarm();
        if (shutdown.finishIfEmpty(admission.open - transitions.overdue(), counters.waiting)) {
            out.accept(new Effect.Finished(shutdown.isClean()));
        }
        assert invariants.checkIfDue(counters.events);
    }

    private void setAlarm() {
        boolean mayBeInUse = counters.count(State.LEASED) + counters.count(State.IDLE) > 0;
        wakeUp.setNoLaterThan(
                mayBeInUse ? Math.min(timeouts.nextDeadline(), now + config.patrol()) : timeouts.nextDeadline());
    }
}
