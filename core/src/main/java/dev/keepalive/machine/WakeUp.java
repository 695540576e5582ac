package dev.keepalive.machine;

import java.util.function.Consumer;

/**
 * When the machine next wants a tick. The time is only moved to an earlier one, since a timer that goes off too early
 * costs less than one that is moved with every event.
 */
final class WakeUp {
    private final Consumer<Effect> out;
    private long time = Long.MAX_VALUE;
    private long version;

    WakeUp(Consumer<Effect> out) {
        this.out = out;
    }

    /** When the next tick is wanted; {@link Long#MAX_VALUE} for never. */
    long time() {
        return time;
    }

    void wentOff() {
        time = Long.MAX_VALUE;
    }

    void setNoLaterThan(long wanted) {
        if (wanted < time) {
            time = wanted;
            out.accept(new Effect.WakeAt(wanted, ++version));
        }
    }
}
