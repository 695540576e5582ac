package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the machine knows of one endpoint: its line, and its slots. There may be very many endpoints where next to
 * nothing happens, so there is a line only while anybody waits, and a row of slots only for a state that one of them is
 * in.
 */
final class EndpointState extends IntrusiveList.Node {
    /**
     * So many idle slots are looked at for one on a waiter's event loop: an acquire costs no more if there are many.
     */
    private static final int MOST_LOOKED_AT = 32;

    final Endpoint endpoint;

    /** Its number among all endpoints that the machine has known, from 1. */
    final long number;

    /** The slots whose end is expected soon. */
    int onOrder;

    /** What is remembered of failed dials; null if the last one succeeded. */
    BackOff.@Nullable Health health;

    private @Nullable WaitQueue waitQueue;

    /** The first of the rows, in no order. */
    private @Nullable StateList lists;

    EndpointState(Endpoint endpoint, long number) {
        this.endpoint = endpoint;
        this.number = number;
    }

    /**
     * The slots that are in one state, the latest to enter it last. A row that nothing is in is at GONE, and taken for
     * the next state that needs one.
     */
    private static final class StateList extends IntrusiveList<Slot> {
        State state = State.GONE;

        @Nullable
        StateList next;
    }

    // ---- slots

    private @Nullable StateList listOf(State state) {
        StateList list = lists;
        while (list != null && list.state != state) {
            list = list.next;
        }
        return list;
    }

    private void add(Slot slot, State state) {
        StateList list = listOf(state);
        if (list == null) {
            list = listOf(State.GONE);
        }
        if (list == null) {
            list = new StateList();
            list.next = lists;
            lists = list;
        }
        list.state = state;
        list.addLast(slot);
    }

    private void remove(Slot slot) {
        StateList list = listOf(slot.state);
        if (list == null) {
            throw new IllegalStateException("a slot that is not here");
        }
        list.remove(slot);
        if (list.isEmpty()) {
            list.state = State.GONE;
        }
    }

    private void forgetEmptyList() {
        StateList empty = listOf(State.GONE);
        if (empty == null) {
            return;
        } else if (empty == lists) {
            lists = empty.next;
            return;
        }
        for (StateList before = lists; before != null; before = before.next) {
            if (before.next == empty) {
                before.next = empty.next;
            }
        }
    }

    /** The slots that hold a permit. */
    int open() {
        int open = 0;
        for (StateList list = lists; list != null; list = list.next) {
            open += list.size();
        }
        return open;
    }

    int count(State state) {
        StateList list = listOf(state);
        return list == null ? 0 : list.size();
    }

    /** The slot that has been in the state for the longest time, or null. */
    @Nullable
    Slot oldest(State state) {
        StateList list = listOf(state);
        return list == null ? null : list.first();
    }

    /** The slot that has been in the state for the shortest time, or null. */
    @Nullable
    Slot latest(State state) {
        StateList list = listOf(state);
        return list == null ? null : list.last();
    }

    /**
     * The latest idle slot, or rather one that is on this event loop, if one of the latest few is; null if none is
     * idle.
     */
    @Nullable
    Slot idleFor(Waiter waiter) {
        StateList idle = listOf(State.IDLE);
        if (idle == null) {
            return null;
        }
        Slot each = waiter.loop() == 0 ? null : idle.last();
        for (int seen = 1; each != null && each.loop() != waiter.loop(); seen++) {
            each = seen < MOST_LOOKED_AT ? idle.before(each) : null;
        }
        return each == null ? idle.last() : each;
    }

    /** All of them, by state. */
    List<Slot> slots() {
        List<Slot> all = new ArrayList<>();
        for (State state : State.values()) {
            StateList list = listOf(state);
            if (list != null) {
                list.forEach(all::add);
            }
        }
        return all;
    }

    /** The slot enters another state: the only place where a slot's state changes. */
    void move(Slot slot, State state) {
        if (slot.state != State.GONE) {
            remove(slot);
        }
        if (state != State.GONE) {
            add(slot, state);
        }
        forgetEmptyList();
        slot.state = state;
        cover();
    }

    /**
     * A leased slot of another endpoint becomes this one's, in the state that it is in; it covers nobody, here or
     * there.
     */
    void addRekeyed(Slot slot) {
        add(slot, slot.state);
    }

    /** A leased slot becomes another endpoint's. */
    void removeRekeyed(Slot slot) {
        remove(slot);
        forgetEmptyList();
    }

    /** The slots that are being opened. */
    int dials() {
        return count(State.AWAITING_PERMIT) + count(State.DIALING);
    }

    /** The slots on their way to the line. */
    int coming() {
        return dials() + count(State.RESETTING);
    }

    /** True if a slot asks for a permit and no waiter is left for it. */
    boolean hasSurplusPermitRequest() {
        return count(State.AWAITING_PERMIT) > 0 && coming() > waiting();
    }

    /** True if a dial is under way for which no waiter is left. */
    boolean hasSurplusDial() {
        return count(State.DIALING) > 0 && coming() > waiting();
    }

    /** The slot that was opened last of those that are not open yet, or null. */
    @Nullable
    Slot youngestDial() {
        Slot asking = latest(State.AWAITING_PERMIT);
        return asking == null ? latest(State.DIALING) : asking;
    }

    /** The slot that was opened first of those that are not open yet, or null. */
    @Nullable
    Slot oldestDial() {
        Slot dialling = oldest(State.DIALING);
        return dialling == null ? oldest(State.AWAITING_PERMIT) : dialling;
    }

    /** True while nothing is dialled because dials have failed. */
    boolean isPaused() {
        return health != null && health.paused;
    }

    /** True if it is paused and holds nothing that could serve anybody meanwhile. */
    boolean isPausedWithNothingToRelease() {
        return isPaused() && open() == count(State.CLOSING);
    }

    boolean isEmpty() {
        return lists == null && waitQueue == null && health == null;
    }

    Counts counts() {
        return new SlotCounts(
                count(State.AWAITING_PERMIT),
                count(State.DIALING),
                count(State.IDLE),
                count(State.LEASED),
                count(State.RESETTING),
                count(State.CLOSING),
                waiting());
    }

    // ---- the line

    /** The line; null if there is none. */
    @Nullable
    WaitQueue waitQueue() {
        return waitQueue;
    }

    int waiting() {
        return waitQueue == null ? 0 : waitQueue.size();
    }

    int uncovered() {
        return waitQueue == null ? 0 : waitQueue.uncovered();
    }

    @Nullable
    Waiter firstWaiter() {
        return waitQueue == null ? null : waitQueue.first();
    }

    /** Who asked just before this waiter of the line, and still waits. */
    @Nullable
    Waiter waiterBefore(Waiter waiter) {
        return waitQueue == null ? null : waitQueue.before(waiter);
    }

    /** Who asked just after this waiter of the line, and still waits. */
    @Nullable
    Waiter waiterAfter(Waiter waiter) {
        return waitQueue == null ? null : waitQueue.after(waiter);
    }

    void join(Waiter waiter) {
        if (waitQueue == null) {
            waitQueue = new WaitQueue(this);
        }
        waitQueue.join(waiter);
        cover();
    }

    void leave(Waiter waiter) {
        if (waitQueue == null) {
            throw new IllegalStateException("a waiter that is not here");
        }
        waitQueue.leave(waiter);
        cover();
    }

    private void cover() {
        if (waitQueue != null) {
            waitQueue.cover(coming());
        }
    }

    /** What is empty is not kept; but a line that was among the openable ones has to leave them first. */
    void forgetEmptyWaitQueue() {
        if (waitQueue != null && waitQueue.isEmpty()) {
            waitQueue = null;
        }
    }
}
