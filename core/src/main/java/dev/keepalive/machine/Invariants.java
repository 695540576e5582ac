package dev.keepalive.machine;

import dev.keepalive.machine.Slot.State;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the invariants of the architecture by a walk over everything that a machine holds. Their numbers: 1 limits; 2
 * one state per slot and one outcome per waiter; 3 no waiter beside an idle connection or room; 4 work conservation; 5
 * first come, first served; 6 which slot makes way; 8 nothing empty is kept; 9 no slot yields without a reason. The
 * 7th, that every acquire is answered exactly once, shows only over time: a waiter is in its queue exactly while it has
 * no outcome (checked here), and it gets its outcome together with its only effect.
 */
final class Invariants {
    private static final int SMALL = 64;

    private final Machine machine;
    private final SharedInvariants shared;
    private final Set<IndexedHeap.Entry> entriesWithDeadline = new HashSet<>();
    private final Set<Slot> idle = new HashSet<>();
    private final Set<Slot> leased = new HashSet<>();
    private long nextCheck;
    private int open;
    private int onOrder;
    private int permitsOnOrder;
    private int idleOrLeased;
    private boolean anyDialUnderWay;
    private int waiting;
    private Claims proven = new Claims();
    private Claims unproven = new Claims();

    /** What the endpoints of an {@link EndpointGroup} want, counted anew. */
    private static final class Claims {
        int demand;
        int openable;
        int dials;
        int surplus;

        boolean areThoseOf(EndpointGroup group) {
            return demand == group.demand
                    && openable == group.openable.size()
                    && dials == group.dials
                    && surplus == group.surplus.size()
                    && group.openable.isSound();
        }
    }

    Invariants(Machine machine) {
        this.machine = machine;
        this.shared = new SharedInvariants(machine);
    }

    /**
     * Checks a small machine after every event, and a large one so rarely that the cost per event stays small. Returns
     * true, for {@code assert}.
     */
    boolean checkIfDue(long events) {
        if (events >= nextCheck) {
            check();
            int size = machine.counters.waiting + machine.admission.open + machine.endpoints.size();
            nextCheck = events + (size <= SMALL ? 1 : size);
        }
        return true;
    }

    void check() {
        entriesWithDeadline.clear();
        open = 0;
        onOrder = 0;
        idleOrLeased = 0;
        idle.clear();
        machine.admission.idle.forEach(idle::add);
        leased.clear();
        machine.admission.leased.forEach(leased::add);
        anyDialUnderWay = false;
        waiting = 0;
        proven = new Claims();
        unproven = new Claims();
        permitsOnOrder = 0;
        shared.begin();
        noteDeadline(machine.shutdown);
        noteDeadline(machine.admission.ceiling);
        machine.endpoints.all().forEach(endpoint -> {
            require(machine.endpoints.contains(endpoint), 8, "an endpoint under its own key", endpoint);
            require(!endpoint.isEmpty(), 8, "no empty endpoint", endpoint);
            checkSlots(endpoint);
            shared.check(endpoint);
            checkWaitQueue(endpoint);
            checkClaims(endpoint);
        });
        checkTotals();
        shared.checkTotals();
    }

    private void checkSlots(EndpointState endpoint) {
        int openBefore = open;
        int onOrderBefore = onOrder;
        for (Slot slot : endpoint.slots()) {
            checkSlot(endpoint, slot);
            open++;
            onOrder += slot.onOrder ? 1 : 0;
            permitsOnOrder += slot.onOrder && slot.permitted ? 1 : 0;
            idleOrLeased += slot.state == State.IDLE || slot.state == State.LEASED ? 1 : 0;
            noteDeadline(slot);
        }
        require(open - openBefore == endpoint.open(), 1, "open is what is counted", endpoint);
        require(onOrder - onOrderBefore == endpoint.onOrder, 2, "on order is what is counted", endpoint);
        boolean free = endpoint.count(State.IDLE) > 0 || endpoint.dials() > 0;
        require(!machine.admission.isSurplus(endpoint) || !free, 1, "above its limit only while in use", endpoint);
        anyDialUnderWay |= endpoint.dials() > 0;
    }

    private void checkSlot(EndpointState endpoint, Slot slot) {
        State state = slot.state;
        boolean closing = state == State.CLOSING;
        require(slot.home == endpoint && state != State.GONE, 2, "a slot at home in one state", slot);
        require(!slot.onOrder || closing, 2, "only a closing slot is on order", slot);
        require(closing == (slot.reason != null), 2, "a closing slot has a reason", slot);
        boolean opening = state == State.AWAITING_PERMIT || state == State.DIALING;
        require(slot.cause() == null || opening, 2, "only a dial has a cause", slot);
        require((state == State.IDLE) == idle.contains(slot), 2, "idle in both lists", slot);
        require((state == State.LEASED) == leased.contains(slot), 2, "leased in both lists", slot);
        require(state != State.DIALING || slot.dialUnanswered, 2, "a dial under way is unanswered", slot);
        require(
                state != State.AWAITING_PERMIT || slot.permitUnanswered,
                2,
                "a permit request under way is unanswered",
                slot);
        require(!slot.retired || state != State.IDLE, 2, "a retired slot is not idle", slot);
        require(
                state != State.IDLE || !machine.shutdown.hasBegun(),
                2,
                "nothing is kept after the end has begun",
                slot);
    }

    private void checkWaitQueue(EndpointState endpoint) {
        WaitQueue waitQueue = endpoint.waitQueue();
        if (waitQueue == null) {
            return;
        }
        require(!waitQueue.isEmpty(), 8, "no empty wait queue", endpoint);
        boolean anyIdle = endpoint.count(State.IDLE) > 0;
        require(
                !hasExclusiveIdle(endpoint) || waitQueue.ordinary() == 0,
                3,
                "no waiter waits beside an idle connection",
                endpoint);
        boolean makesWay = anyIdle && machine.admission.lacksRoomForFresh(endpoint);
        require(!makesWay, 6, "idle slots make way for fresh ones of their endpoint", endpoint);
        checkCursors(waitQueue);
        int covered = 0;
        long previous = 0;
        boolean uncovered = false;
        for (Waiter waiter : waitQueue) {
            require(waiter.isWaiting(), 7, "a waiter in the queue has no outcome yet", waiter);
            require(waiter.home == endpoint, 2, "a waiter is in its own endpoint's queue", waiter);
            require(waiter.sequence > previous, 5, "oldest first", waiter);
            uncovered |= waiter == waitQueue.firstUncovered();
            require(waitQueue.covers(waiter) != uncovered, 5, "the covered ones come first", waiter);
            previous = waiter.sequence;
            covered += uncovered ? 0 : 1;
            waiting++;
            noteDeadline(waiter);
        }
        require(
                covered == Math.min(endpoint.coming(), waitQueue.size()),
                4,
                "as many covered as slots are coming",
                waitQueue);
        require(waitQueue.uncovered() == waitQueue.size() - covered, 4, "the cursor at the first uncovered", endpoint);
        require(uncovered == (waitQueue.firstUncovered() != null), 4, "the cursor in the queue", endpoint);
    }

    private static boolean hasExclusiveIdle(EndpointState endpoint) {
        boolean found = false;
        for (Slot slot : endpoint.slots()) {
            found |= slot.state == State.IDLE && !slot.isShared();
        }
        return found;
    }

    private void checkCursors(WaitQueue waitQueue) {
        int ordinary = 0;
        Waiter first = null;
        Waiter impatient = null;
        for (Waiter waiter : waitQueue) {
            ordinary += waiter.fresh ? 0 : 1;
            first = first == null && !waiter.fresh ? waiter : first;
            impatient = impatient == null && !waiter.patient ? waiter : impatient;
        }
        require(impatient == waitQueue.firstImpatient(), 4, "the cursor at the first impatient waiter", waitQueue);
        require(ordinary == waitQueue.ordinary(), 5, "ordinary waiters are counted right", waitQueue);
        require(first == waitQueue.firstOrdinary(), 5, "the cursor at the first ordinary waiter", waitQueue);
    }

    private void checkClaims(EndpointState endpoint) {
        Claims claims = endpoint.isProven() ? proven : unproven;
        EndpointGroup group = endpoint.isProven() ? machine.admission.proven : machine.admission.unproven;
        claims.dials += endpoint.dials();
        WaitQueue waitQueue = endpoint.waitQueue();
        if (waitQueue != null) {
            int wanted = machine.admission.wantedBy(endpoint);
            require(waitQueue.wanted == wanted, 4, "wants what its queue needs and limits allow", endpoint);
            require(group.openable.contains(waitQueue) == wanted > 0, 4, "openable if it wants", endpoint);
            require(wanted == 0 || waitQueue.isKeyCurrent(), 6, "ranked by the waiter it opens for", endpoint);
            require(
                    waitQueue.firstImpatient() == null || !endpoint.isPausedWithNothingToRelease(),
                    4,
                    "only patient waiters at a paused endpoint with nothing to release",
                    endpoint);
            claims.demand += wanted;
            claims.openable += wanted > 0 ? 1 : 0;
        }
        require(!endpoint.hasSurplusPermitRequest(), 4, "no permit request without a waiter", endpoint);
        BackOff.DialHealth health = endpoint.health();
        if (health != null) {
            noteDeadline(health);
            require(!endpoint.isProven(), 6, "an endpoint whose last dial failed is not known to work", endpoint);
        }
        boolean listed = group.surplus.contains(endpoint);
        claims.surplus += listed ? 1 : 0;
        require(listed == endpoint.hasSurplusDial(), 6, "surplus dials are known", endpoint);
    }

    private void checkTotals() {
        Admission admission = machine.admission;
        boolean free = !idle.isEmpty() || anyDialUnderWay;
        require(
                admission.open == open && admission.onOrder == onOrder,
                1,
                "open slots are counted right",
                open + "/" + onOrder);
        require(admission.permitsOnOrder == permitsOnOrder, 6, "permits on order are counted right", permitsOnOrder);
        require(proven.areThoseOf(admission.proven), 6, "proven endpoints are counted right", proven.demand);
        require(unproven.areThoseOf(admission.unproven), 6, "unproven endpoints are counted right", unproven.demand);
        require(!admission.isSurplus() || !free, 1, "above the total limit only while in use", open);
        require(
                admission.idle.size() + admission.leased.size() == idleOrLeased,
                2,
                "every slot has its endpoint",
                idleOrLeased);
        require(
                admission.idle.size() == idle.size() && admission.leased.size() == leased.size(),
                2,
                "lists are counted right",
                idleOrLeased);
        require(
                machine.counters.waiting == waiting && machine.counts().open() == open,
                2,
                "the counters are right",
                waiting);
        checkRoom();
    }

    private void checkRoom() {
        Admission admission = machine.admission;
        require(
                admission.oldestOpenable() == null || open >= admission.maxOpenNow(),
                4,
                "no waiter is kept out while there is room",
                open);
        boolean anyUnproven = !admission.unproven.surplus.isEmpty();
        boolean anyFree = !idle.isEmpty() || anyUnproven || !admission.proven.surplus.isEmpty();
        require(!admission.isShort() || !anyFree, 6, "idle slots make way", open);
        require(!admission.isShareShort() || !anyUnproven, 6, "unneeded dials make way for the share", open);
        require(!admission.owesPermits() || !anyFree, 6, "idle slots pay owed permits", admission.owed());
        require(machine.deadlines.isSound(), 8, "heaps are sound", open);
        require(
                machine.deadlines.size() == entriesWithDeadline.size(),
                8,
                "no deadline without its owner",
                entriesWithDeadline.size());
    }

    private void noteDeadline(IndexedHeap.Entry entry) {
        if (machine.deadlines.contains(entry)) {
            entriesWithDeadline.add(entry);
        }
    }

    static void require(boolean holds, int invariant, String what, @Nullable Object where) {
        if (!holds) {
            throw new IllegalStateException("invariant " + invariant + " is broken: " + what + " (" + where + ")");
        }
    }
}
