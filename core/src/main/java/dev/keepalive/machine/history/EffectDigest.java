package dev.keepalive.machine.history;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Effect.CancelPermitRequest;
import dev.keepalive.machine.Effect.Close;
import dev.keepalive.machine.Effect.CloseOverdue;
import dev.keepalive.machine.Effect.Deliver;
import dev.keepalive.machine.Effect.Dial;
import dev.keepalive.machine.Effect.Fail;
import dev.keepalive.machine.Effect.Finished;
import dev.keepalive.machine.Effect.Gone;
import dev.keepalive.machine.Effect.HeldTooLong;
import dev.keepalive.machine.Effect.Lingers;
import dev.keepalive.machine.Effect.RequestPermit;
import dev.keepalive.machine.Effect.ReturnPermit;
import dev.keepalive.machine.Effect.Stop;
import dev.keepalive.machine.Effect.WakeAt;

/**
 * A number for the effects since the last event, in their order. It shows whether two histories differ. Not safe for
 * use by several threads.
 */
public final class EffectDigest {
    private static final long MASK = 0xFFFF;

    private long digest;

    /** Adds an effect. */
    public void add(Effect effect) {
        digest = (digest * 31 + of(effect)) & MASK;
    }

    /** Returns the number for all effects since the last call, and begins anew. */
    public long take() {
        long taken = digest;
        digest = 0;
        return taken;
    }

    private static long of(Effect effect) {
        if (effect instanceof Deliver it) {
            return of(1, it.waiter().sequence(), it.slot().number(), it.lease(), HistoryCodes.of(it.origin()));
        } else if (effect instanceof Fail it) {
            return of(2, it.waiter().sequence(), HistoryCodes.of(it.outcome()));
        } else if (effect instanceof Dial it) {
            return of(3, it.slot().number());
        } else if (effect instanceof Stop it) {
            return of(4, it.slot().number(), HistoryCodes.of(it.reason()));
        } else if (effect instanceof Close it) {
            return of(5, it.slot().number(), HistoryCodes.of(it.reason()));
        } else if (effect instanceof Gone it) {
            return of(6, it.slot().number(), HistoryCodes.of(it.reason()));
        } else if (effect instanceof CloseOverdue it) {
            return of(7, it.slot().number());
        } else if (effect instanceof WakeAt it) {
            return of(8, it.time(), it.version());
        } else if (effect instanceof RequestPermit it) {
            return of(9, it.slot().number());
        } else if (effect instanceof CancelPermitRequest it) {
            return of(10, it.slot().number());
        } else if (effect instanceof ReturnPermit it) {
            return of(11, it.slot().number());
        } else if (effect instanceof HeldTooLong it) {
            return of(12, it.slot().number(), it.lease());
        } else if (effect instanceof Finished it) {
            return of(13, it.clean() ? 1 : 0);
        } else if (effect instanceof Lingers it) {
            return of(14, it.slot().number(), it.leases());
        }
        throw new IllegalStateException("an effect without a number: " + effect);
    }

    private static long of(long... numbers) {
        long digest = 17;
        for (long number : numbers) {
            digest = digest * 31 + number;
        }
        return digest;
    }
}
