package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the machine knows of one endpoint: its line, its slots, and how many waiters of the line are covered by slots that are coming. The
 * covered waiters are the oldest: as many as slots are coming.
 */
final class EndpointState implements IndexedHeap.Entry {
    /** So many idle slots are looked at for one on a waiter's event loop: an acquire costs no more if there are many. */
    private static final int MOST_LOOKED_AT = 32;

    final Endpoint endpoint;

    /** Its number among all endpoints that the machine has known, from 1. */
    final long number;

    /** The waiters, oldest first. */
    final Chain<Waiter> line = new Chain<>();

    /** How many slots it may open for its uncovered waiters; the endpoint is among the openable while this is not zero. */
    int wanted;

    /** Since when the total limit has kept its uncovered waiters out without letting it open anything. */
    long keptOutSince;

    /** The slots whose end is expected soon. */
    int onOrder;

    /** What is remembered of failed dials; null if the last one succeeded. */
    @Nullable
    Health health;

    /** Its place among the endpoints with dials that nobody waits for. */
    final Surplus surplus = new Surplus(this);

    /** The slots that hold a permit, by state, the latest to enter the state last. */
    private final Map<State, Chain<Slot>> slots = new EnumMap<>(State.class);

    private @Nullable Waiter firstUncovered;
    private int covered;
    private int open;
    private long key;
    private int heapIndex = IndexedHeap.ABSENT;

    EndpointState(Endpoint endpoint, long number) {
        this.endpoint = endpoint;
        this.number = number;
    }

    // ---- slots

    /** The slots that hold a permit. */
    int open() {
        return open;
    }

    int count(State state) {
        Chain<Slot> chain = slots.get(state);
        return chain == null ? 0 : chain.size();
    }

    /** The slot that has been in the state for the longest time, or null. */
    @Nullable
    Slot oldest(State state) {
        Chain<Slot> chain = slots.get(state);
        return chain == null ? null : chain.first();
    }

    /** The slot that has been in the state for the shortest time, or null. */
    @Nullable
    Slot latest(State state) {
        Chain<Slot> chain = slots.get(state);
        return chain == null ? null : chain.last();
    }

    /** The latest idle slot, or rather one that is on this event loop, if one of the latest few is; null if none is idle. */
    @Nullable
    Slot idleFor(Waiter waiter) {
        Chain<Slot> idle = chain(State.IDLE);
        Slot each = waiter.loop == 0 ? null : idle.last();
        for (int seen = 1; each != null && each.loop != waiter.loop; seen++) {
            each = seen < MOST_LOOKED_AT ? idle.before(each) : null;
        }
        return each == null ? idle.last() : each;
    }

    List<Slot> slots() {
        List<Slot> all = new ArrayList<>(open);
        slots.values().forEach(chain -> chain.forEach(all::add));
        return all;
    }

    /** The slot enters another state: the only place where a slot's state changes. */
    void move(Slot slot, State state) {
        if (slot.state != State.GONE) {
            chain(slot.state).remove(slot);
            open--;
        }
        if (state != State.GONE) {
            chain(state).addLast(slot);
            open++;
        }
        slot.state = state;
        cover();
    }

    /** A leased slot of another endpoint becomes this one's, in the state that it is in; it covers nobody, here or there. */
    void takes(Slot slot) {
        chain(slot.state).addLast(slot);
        open++;
    }

    /** A leased slot becomes another endpoint's. */
    void lets(Slot slot) {
        chain(slot.state).remove(slot);
        open--;
    }

    private Chain<Slot> chain(State state) {
        return slots.computeIfAbsent(state, any -> new Chain<>());
    }

    /** The slots that are being opened. */
    int dials() {
        return count(State.ASKING) + count(State.DIALLING);
    }

    /** The slots on their way to the line. */
    int coming() {
        return dials() + count(State.RESETTING);
    }

    /** True if a slot asks for a permit and no waiter is left for it. */
    boolean hasSurplusAsk() {
        return count(State.ASKING) > 0 && coming() > line.size();
    }

    /** True if a dial is under way for which no waiter is left. */
    boolean hasSurplusDial() {
        return count(State.DIALLING) > 0 && coming() > line.size();
    }

    /** The slot that was opened last of those that are not open yet, or null. */
    @Nullable
    Slot youngestDial() {
        Slot asking = latest(State.ASKING);
        return asking == null ? latest(State.DIALLING) : asking;
    }

    /** The slot that was opened first of those that are not open yet, or null. */
    @Nullable
    Slot oldestDial() {
        Slot dialling = oldest(State.DIALLING);
        return dialling == null ? oldest(State.ASKING) : dialling;
    }

    /** True while nothing is dialled because dials have failed. */
    boolean isPaused() {
        return health != null && health.paused;
    }

    /** True if it is paused and holds nothing that could serve anybody meanwhile. */
    boolean isHopeless() {
        return isPaused() && open == count(State.CLOSING);
    }

    boolean isEmpty() {
        return open == 0 && line.isEmpty() && health == null;
    }

    Counts counts() {
        return new Counts(
                count(State.ASKING),
                count(State.DIALLING),
                count(State.IDLE),
                count(State.LEASED),
                count(State.RESETTING),
                count(State.CLOSING),
                line.size());
    }

    // ---- the line

    @Nullable
    Waiter firstUncovered() {
        return firstUncovered;
    }

    int uncovered() {
        return line.size() - covered;
    }

    void join(Waiter waiter) {
        line.addLast(waiter);
        waiter.home = this;
        if (firstUncovered == null) {
            firstUncovered = waiter;
        }
        cover();
    }

    void leave(Waiter waiter) {
        if (waiter == firstUncovered) {
            firstUncovered = line.after(waiter);
        }
        if (waiter.covered) {
            waiter.covered = false;
            covered--;
        }
        line.remove(waiter);
        waiter.home = null;
        cover();
    }

    /** Moves the cursor so that as many waiters are covered as slots are coming: at most a step or two per event. */
    private void cover() {
        int coming = coming();
        while (covered < coming && firstUncovered != null) {
            firstUncovered.covered = true;
            covered++;
            firstUncovered = line.after(firstUncovered);
        }
        while (covered > coming) {
            firstUncovered = firstUncovered == null ? line.last() : line.before(firstUncovered);
            if (firstUncovered == null) {
                throw new IllegalStateException("fewer waiters than covered ones");
            }
            firstUncovered.covered = false;
            covered--;
        }
    }

    // ---- its place among the openable endpoints

    /** Fixes the key before the endpoint goes among the openable ones: the age of its first uncovered waiter. */
    void takeKey() {
        key = firstUncovered == null ? Long.MAX_VALUE : firstUncovered.sequence;
    }

    /** True if the endpoint's place among the openable ones is still right. */
    boolean keyIsRight() {
        return firstUncovered != null && key == firstUncovered.sequence;
    }

    @Override
    public long key() {
        return key;
    }

    @Override
    public int heapIndex() {
        return heapIndex;
    }

    @Override
    public void heapIndex(int index) {
        heapIndex = index;
    }

    /** An endpoint's node in the chain of those with surplus dials. */
    static final class Surplus extends Chain.Node {
        final EndpointState home;

        private Surplus(EndpointState home) {
            this.home = home;
        }
    }
}
