package dev.keepalive.machine;

import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one endpoint, in a list for each state that a slot is in. It is the base of {@link EndpointState}, not a
 * part of it, since there may be very many endpoints.
 */
abstract class SlotLists extends IntrusiveList.Node {
    /** The first of the lists, in no order. */
    private @Nullable StateList lists;

    /**
     * The slots in one state; the slot that entered the state last is last. An empty list has the state GONE, and is
     * reused for the next state that needs a list.
     */
    static final class StateList extends IntrusiveList<Slot> {
        State state = State.GONE;

        @Nullable
        StateList next;
    }

    final @Nullable StateList listOf(State state) {
        StateList list = lists;
        while (list != null && list.state != state) {
            list = list.next;
        }
        return list;
    }

    final void add(Slot slot, State state) {
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

    final void remove(Slot slot) {
        StateList list = listOf(slot.state);
        if (list == null) {
            throw new IllegalStateException("the slot is not at this endpoint");
        }
        list.remove(slot);
        if (list.isEmpty()) {
            list.state = State.GONE;
        }
    }

    final void forgetEmptyList() {
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

    /** The number of slots that hold a permit. */
    final int open() {
        int open = 0;
        for (StateList list = lists; list != null; list = list.next) {
            open += list.size();
        }
        return open;
    }

    final int count(State state) {
        StateList list = listOf(state);
        return list == null ? 0 : list.size();
    }

    /** The slot that has been in the state for the longest time; null if there is none. */
    final @Nullable Slot oldest(State state) {
        StateList list = listOf(state);
        return list == null ? null : list.first();
    }

    /** The slot that has been in the state for the shortest time; null if there is none. */
    final @Nullable Slot latest(State state) {
        StateList list = listOf(state);
        return list == null ? null : list.last();
    }

    /** All slots, ordered by state. */
    final List<Slot> slots() {
        List<Slot> all = new ArrayList<>();
        for (State state : State.values()) {
            StateList list = listOf(state);
            if (list != null) {
                list.forEach(all::add);
            }
        }
        return all;
    }

    /** The shared slots, idle ones first. */
    final List<Slot> sharedSlots() {
        List<Slot> found = new ArrayList<>();
        for (State state : List.of(State.IDLE, State.LEASED)) {
            StateList list = listOf(state);
            if (list != null) {
                list.forEach(slot -> addIfShared(slot, found));
            }
        }
        return found;
    }

    private static void addIfShared(Slot slot, List<Slot> found) {
        if (slot.isShared()) {
            found.add(slot);
        }
    }

    final boolean hasSlots() {
        return lists != null;
    }
}
