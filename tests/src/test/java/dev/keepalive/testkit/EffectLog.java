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

/** Takes the effects of a scripted machine: has them as lines, remembers what they say, and checks that they may be. */
final class EffectLog {
    private final Map<Long, Slot> slots = new HashMap<>();
    private final Map<Long, Long> leases = new HashMap<>();
    private final Set<Object> answered = new HashSet<>();
    private List<String> lines = new ArrayList<>();
    private Duration wakeAt = Duration.ZERO;
    private long alarmVersion;
    private boolean clean;

    /** The lines of the event that begins now; the effects that it will have are added to them. */
    List<String> begin() {
        lines = new ArrayList<>();
        return lines;
    }

    /** The lines of the present event, to which others may be added. */
    List<String> lines() {
        return lines;
    }

    /** When the machine last asked for the alarm to go off, since the beginning. */
    Duration wakeAt() {
        return wakeAt;
    }

    /** True if the machine has finished without cutting a waiter or a lease short. */
    boolean isClean() {
        return clean;
    }

    /** The slot with this number. */
    Slot slot(long number) {
        Slot slot = slots.get(number);
        if (slot == null) {
            throw new AssertionError("no slot " + number + " was ever opened");
        }
        return slot;
    }

    /** The number of the slot's latest lease; 0 if it was never leased. */
    long lease(long slot) {
        return leases.getOrDefault(slot, 0L);
    }

    /** The slot has a lease of this number, of which the machine was not told. */
    void isLeased(long slot, long lease) {
        leases.put(slot, lease);
    }

    /** Takes an effect of the machine. */
    void note(Effect effect) {
        if (effect instanceof Effect.WakeAt wake) {
            note(wake);
            return;
        }
        lines.add(EffectText.of(effect));
        if (effect instanceof Effect.Deliver deliver) {
            answer(deliver.waiter(), deliver.owner());
            leases.put(deliver.slot().number(), deliver.lease());
        } else if (effect instanceof Effect.Fail fail) {
            answer(fail.waiter(), fail.owner());
        } else if (effect instanceof Effect.RequestPermit ask) {
            slots.put(ask.slot().number(), ask.slot());
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
        } else if (!isALineOnly(effect)) {
            throw new AssertionError("an effect that a script does not know: " + effect);
        }
    }

    private static boolean isALineOnly(Effect effect) {
        return effect instanceof Effect.CancelPermitRequest
                || effect instanceof Effect.ReturnPermit
                || effect instanceof Effect.CloseOverdue
                || effect instanceof Effect.HeldTooLong;
    }

    private void note(Effect.WakeAt wake) {
        if (wake.version() > alarmVersion) {
            alarmVersion = wake.version();
            wakeAt = Duration.ofNanos(wake.time());
        }
    }

    private void answer(Waiter waiter, Object name) {
        if (!answered.add(waiter)) {
            throw new AssertionError(name + " is answered for the second time");
        }
    }

    private static void requireDead(Slot slot) {
        if (!((ScriptedAtomicSlot) slot.atomicSlot()).isDead()) {
            throw new AssertionError("slot " + slot.number() + " ends or is gone, but could still be claimed");
        }
    }
}
