package dev.keepalive.testkit;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The effects of a scripted machine. It keeps them as lines of text and remembers slots, leases and wake-ups. It checks
 * that no waiter is answered twice, and that a slot that ends can no longer be claimed.
 */
final class EffectLog {
    private final Map<Long, Slot> slots = new HashMap<>();
    private final Map<Long, Long> leases = new HashMap<>();
    private final Map<Object, Effect.Deliver> served = new HashMap<>();
    private final Set<Object> answered = new HashSet<>();
    private List<String> lines = new ArrayList<>();
    private Duration wakeAt = Duration.ZERO;
    private long wakeUpVersion;
    private boolean clean;

    /** Begins an event, and returns its lines: each effect of the event is added to them. */
    List<String> begin() {
        lines = new ArrayList<>();
        return lines;
    }

    /** The lines of the present event; a caller may add lines. */
    List<String> lines() {
        return lines;
    }

    /** The time of the wake-up that the machine requested last, since the start. */
    Duration wakeAt() {
        return wakeAt;
    }

    /** Returns true if the machine has finished, and cut no waiter and no lease short. */
    boolean isClean() {
        return clean;
    }

    /** The slot with this number. */
    Slot slot(long number) {
        Slot slot = slots.get(number);
        if (slot == null) {
            throw new AssertionError("slot " + number + " was never opened");
        }
        return slot;
    }

    /** The number of the slot's latest lease; 0 if it was never leased. */
    long lease(long slot) {
        return leases.getOrDefault(slot, 0L);
    }

    /** Sets the number of the slot's latest lease, of which the machine was not told. */
    void setLease(long slot, long lease) {
        leases.put(slot, lease);
    }

    /** How the waiter with this name was served. */
    Effect.Deliver served(String waiter) {
        Effect.Deliver deliver = served.get(waiter);
        if (deliver == null) {
            throw new AssertionError(waiter + " has no lease");
        }
        return deliver;
    }

    /** Adds an effect of the machine. */
    void add(Effect effect) {
        if (effect instanceof Effect.WakeAt wake) {
            add(wake);
            return;
        }
        lines.add(EffectText.of(effect));
        if (effect instanceof Effect.Deliver deliver) {
            answer(deliver.waiter(), deliver.owner());
            leases.put(deliver.slot().number(), deliver.lease());
            served.put(deliver.owner(), deliver);
        } else if (effect instanceof Effect.Fail fail) {
            answer(fail.waiter(), fail.owner());
        } else if (effect instanceof Effect.RequestPermit request) {
            slots.put(request.slot().number(), request.slot());
        } else if (effect instanceof Effect.Dial dial) {
            slots.put(dial.slot().number(), dial.slot());
        } else if (effect instanceof Effect.Stop stop) {
            requireDead(stop.slot());
        } else if (effect instanceof Effect.Close close) {
            requireDead(close.slot());
        } else if (effect instanceof Effect.Gone gone) {
            requireDead(gone.slot());
        } else if (effect instanceof Effect.Finished finished) {
            clean = finished.clean();
        } else if (!isTextOnly(effect)) {
            throw new AssertionError("an effect of an unknown kind: " + effect);
        }
    }

    private static boolean isTextOnly(Effect effect) {
        return effect instanceof Effect.CancelPermitRequest
                || effect instanceof Effect.ReturnPermit
                || effect instanceof Effect.CloseOverdue
                || effect instanceof Effect.HeldTooLong
                || effect instanceof Effect.Lingers;
    }

    private void add(Effect.WakeAt wake) {
        if (wake.version() > wakeUpVersion) {
            wakeUpVersion = wake.version();
            wakeAt = Duration.ofNanos(wake.time());
        }
    }

    private void answer(Waiter waiter, Object name) {
        if (!answered.add(waiter)) {
            throw new AssertionError(name + " is answered for the second time");
        }
    }

    private static void requireDead(Slot slot) {
        if (!((ScriptedAtomicSlot) slot.atomicSlot()).isMarkedDead()) {
            throw new AssertionError("slot " + slot.number() + " ends or is gone, but could still be claimed");
        }
    }
}
