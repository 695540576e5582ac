package dev.keepalive.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is left in a machine that failed in the middle of an event, so that the shell can end it. It trusts no
 * transition and no counter of the machine: it only walks over the tables, each of them on its own, and a table that is
 * broken does not keep it from the others. What it has found once it does not find again, so a walk that was cut short
 * can be repeated.
 */
public final class Salvage {
    private final Machine machine;
    private final Finder finder;
    private @Nullable Throwable failure;

    private Salvage(Machine machine, Finder finder) {
        this.machine = machine;
        this.finder = finder;
    }

    /** Takes what is found. */
    public interface Finder {
        /** The owner of a waiter that has no answer. */
        void waiting(Object owner);

        /** A slot that is not gone. */
        void open(Slot slot);
    }

    /**
     * Walks over everything.
     *
     * @param halfMade the effects of the event that failed, which are never performed: an answer among them has reached
     *     nobody
     * @return what went wrong on the way, if anything did
     */
    public static @Nullable Throwable walk(Machine machine, List<Effect> halfMade, Finder finder) {
        Salvage salvage = new Salvage(machine, finder);
        salvage.guarded(() -> halfMade.forEach(effect -> salvage.guarded(() -> salvage.effect(effect))));
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

    /** In both directions: if a waiter was just being taken out, one of them may not lead to it any more. */
    private void waiters(WaitQueue waitQueue) {
        // A bound, in case that the links form a circle.
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

    private void slots(Iterable<Slot> some) {
        some.forEach(this::found);
    }

    private void entry(IndexedHeap.Entry entry) {
        if (entry instanceof Waiter waiter) {
            found(waiter);
        } else if (entry instanceof Slot slot) {
            found(slot);
        }
    }

    /** A waiter that was found is told by that it has no owner any more. */
    private void found(Waiter waiter) {
        Object owner = waiter.ownerOrNull();
        if (owner != null) {
            guarded(() -> {
                finder.waiting(owner);
                waiter.forgetOwner();
            });
        }
    }

    /** A slot that was found is told by its state, which nothing else looks at any more. */
    private void found(Slot slot) {
        if (slot.state != Slot.State.GONE) {
            guarded(() -> {
                finder.open(slot);
                slot.state = Slot.State.GONE;
            });
        }
    }
}
