package dev.keepalive.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is left in a machine that failed in the middle of an event, so that the manager can end it. It trusts no
 * transition and no counter of the machine: it only walks over the tables, each on its own, so that a broken table does
 * not hide the others. It does not find again what it has found, so a walk that was cut short can be repeated.
 */
public final class FailedMachineWalk {
    private final Machine machine;
    private final Finder finder;
    private @Nullable Throwable failure;

    private FailedMachineWalk(Machine machine, Finder finder) {
        this.machine = machine;
        this.finder = finder;
    }

    /** Takes what the walk finds. */
    public interface Finder {
        /** Takes the owner of a waiter that has no answer. */
        void waiting(Object owner);

        /** Takes a slot that is not gone. */
        void open(Slot slot);
    }

    /**
     * Walks over everything.
     *
     * @param unperformed the effects of the event that failed; they are never performed, so an answer among them has
     *     not reached its caller
     * @return what went wrong during the walk; null if nothing did
     */
    public static @Nullable Throwable walk(Machine machine, List<Effect> unperformed, Finder finder) {
        FailedMachineWalk salvage = new FailedMachineWalk(machine, finder);
        salvage.guarded(() -> unperformed.forEach(effect -> salvage.guarded(() -> salvage.effect(effect))));
        salvage.guarded(salvage::endpoints);
        salvage.guarded(
                () -> machine.deadlines.entries().forEach(entry -> salvage.guarded(() -> salvage.entry(entry))));
        salvage.guarded(() -> salvage.slots(machine.admission.leased));
        salvage.guarded(() -> salvage.slots(machine.admission.idle));
        return salvage.failure;
    }

    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (Throwable thrown) {
            failure = thrown;
        }
    }

    private void effect(Effect effect) {
        if (effect instanceof Effect.Deliver it) {
            it.waiter().forgetOwner();
            finder.waiting(it.owner());
            found(it.slot());
        } else if (effect instanceof Effect.Fail it) {
            it.waiter().forgetOwner();
            finder.waiting(it.owner());
        } else if (effect instanceof Effect.RequestPermit it) {
            found(it.slot());
        } else if (effect instanceof Effect.Dial it) {
            found(it.slot());
        } else if (effect instanceof Effect.Stop it) {
            found(it.slot());
        } else if (effect instanceof Effect.Close it) {
            found(it.slot());
        }
    }

    private void endpoints() {
        for (EndpointState endpoint : machine.endpoints.all()) {
            guarded(() -> endpoint.slots().forEach(this::found));
            WaitQueue waitQueue = endpoint.waitQueue();
            if (waitQueue != null) {
                guarded(() -> waiters(waitQueue));
            }
        }
    }

    /** Walks in both directions: if a waiter was just being removed, one direction may not lead to it any more. */
    private void waiters(WaitQueue waitQueue) {
        // The bound is for the case that the links form a circle.
        int most = waitQueue.size() + 1;
        Waiter each = waitQueue.first();
        for (int seen = 0; each != null && seen < most; seen++) {
            found(each);
            each = waitQueue.after(each);
        }
        each = waitQueue.last();
        for (int seen = 0; each != null && seen < most; seen++) {
            found(each);
            each = waitQueue.before(each);
        }
    }

    private void slots(Iterable<Slot> slots) {
        slots.forEach(this::found);
    }

    private void entry(IndexedHeap.Entry entry) {
        if (entry instanceof Waiter waiter) {
            found(waiter);
        } else if (entry instanceof Slot slot) {
            found(slot);
        }
    }

    /** A waiter that was found before has no owner any more. */
    private void found(Waiter waiter) {
        Object owner = waiter.ownerOrNull();
        if (owner != null) {
            guarded(() -> {
                finder.waiting(owner);
                waiter.forgetOwner();
            });
        }
    }

    /** A slot that was found before is GONE. Nothing else reads the state any more. */
    private void found(Slot slot) {
        if (slot.state != Slot.State.GONE) {
            guarded(() -> {
                finder.open(slot);
                slot.state = Slot.State.GONE;
            });
        }
    }
}
