package dev.keepalive.testkit;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;

/** An effect of the state machine as a line of a transcript. */
final class EffectText {
    private EffectText() {}

    /** For example {@code w gets 1 NEW} or {@code close 1 EVICTED}. */
    static String of(Effect effect) {
        if (effect instanceof Effect.Deliver it) {
            return it.owner() + " gets " + it.slot().number() + " " + it.origin();
        } else if (effect instanceof Effect.Fail it) {
            Slot dial = it.dial();
            return it.owner() + " fails " + it.outcome() + (dial == null ? "" : " " + dial.number());
        } else if (effect instanceof Effect.RequestPermit it) {
            return "request permit " + it.slot().number() + " "
                    + it.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Dial it) {
            return "dial " + it.slot().number() + " " + it.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Stop it) {
            return "stop " + it.slot().number() + " " + it.reason();
        } else if (effect instanceof Effect.Close it) {
            return "close " + it.slot().number() + " " + it.reason();
        } else if (effect instanceof Effect.Gone it) {
            return "gone " + it.slot().number() + " " + it.reason();
        }
        return ofRareEffect(effect);
    }

    private static String ofRareEffect(Effect effect) {
        if (effect instanceof Effect.CancelPermitRequest it) {
            return "cancel permit request " + it.slot().number();
        } else if (effect instanceof Effect.ReturnPermit it) {
            return "return permit " + it.slot().number();
        } else if (effect instanceof Effect.CloseOverdue it) {
            return "close overdue " + it.slot().number();
        } else if (effect instanceof Effect.HeldTooLong it) {
            return "held too long " + it.slot().number() + (it.slot().isShared() ? " lease " + it.lease() : "");
        } else if (effect instanceof Effect.Lingers it) {
            return "lingers " + it.slot().number() + " with " + it.leases();
        } else if (effect instanceof Effect.WakeAt it) {
            return "wake at " + it.time();
        } else if (effect instanceof Effect.Finished) {
            return "finished";
        }
        throw new AssertionError("an effect without a text: " + effect);
    }
}
