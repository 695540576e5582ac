package dev.keepalive;

import dev.keepalive.AcquireException.Failure;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Fate;
import dev.keepalive.machine.Slot;
import dev.keepalive.spi.DialException;
import org.jspecify.annotations.Nullable;

/** Puts into words why an acquire failed: what was under way, with what error, how many connections there were, and who held the oldest. */
final class Failures {
    private static final int TIMED_OUT = 110;
    private static final String TIMED_OUT_TEXT = "Connection timed out";

    /** When a manager is closed, many failures tell of the same lease at the same time. */
    private @Nullable Holder lastHolder;

    /** A lease in words. */
    private record Holder(PooledLink<?> link, long now, String text) {}

    AcquireException of(Effect.Fail effect, Recipient<?> recipient, long now) {
        long waited = now - recipient.asked().at();
        return switch (effect.fate()) {
            case TIMED_OUT -> new AcquireException.TimedOut(timeout(effect, recipient, waited, now));
            case DIAL_TIMED_OUT -> new AcquireException.DialFailed(timeout(effect, recipient, waited, now));
            case DIAL_FAILED, PAUSED -> new AcquireException.DialFailed(dialFailure(effect, recipient, waited, now));
            case QUEUE_FULL ->
                new AcquireException.QueueFull(refusal(effect, recipient, waited, now, "too many wait already"));
            case CLOSED ->
                new AcquireException.Closed(refusal(effect, recipient, waited, now, "the manager is closed"));
            case SERVED, WITHDRAWN -> throw new IllegalStateException("no failure: " + effect.fate());
        };
    }

    /** The manager has failed and is closed. */
    static AcquireException ofFailedManager(Recipient<?> recipient, long now, Throwable cause) {
        String text = "the manager has failed, and is closed: " + cause;
        Timings timings = Timings.of(now - recipient.asked().at());
        String situation = "no counts: the manager's own books are wrong";
        return new AcquireException.Closed(
                new Failure(recipient.request(), Phase.QUEUE, 0, text, timings, situation, null, cause));
    }

    private Failure refusal(Effect.Fail effect, Recipient<?> recipient, long waited, long now, String text) {
        return failure(effect, recipient, Phase.QUEUE, 0, text, Timings.of(waited), now, null);
    }

    private Failure timeout(Effect.Fail effect, Recipient<?> recipient, long waited, long now) {
        Opening<?> dial = opening(effect.dial());
        Phase phase = dial == null ? Phase.QUEUE : dial.phase();
        Timings timings = dial == null ? Timings.of(waited) : dial.timings(waited);
        return failure(effect, recipient, phase, TIMED_OUT, TIMED_OUT_TEXT, timings, now, null);
    }

    private Failure dialFailure(Effect.Fail effect, Recipient<?> recipient, long waited, long now) {
        Opening<?> dial = opening(effect.dial());
        DialException cause = dial == null ? null : dial.failure();
        if (dial == null || cause == null) {
            return timeout(effect, recipient, waited, now);
        }
        Timings timings = effect.fate() == Fate.PAUSED ? Timings.of(waited) : dial.timings(waited);
        return failure(effect, recipient, cause.phase(), cause.errorNumber(), cause.text(), timings, now, cause);
    }

    private Failure failure(
            Effect.Fail effect,
            Recipient<?> recipient,
            Phase phase,
            int number,
            String text,
            Timings timings,
            long now,
            @Nullable Throwable cause) {
        return new Failure(
                recipient.request(), phase, number, text, timings, situation(effect, now), effect.endpoint(), cause);
    }

    private String situation(Effect.Fail effect, long now) {
        Counts all = effect.all();
        String holder = holder(link(effect.oldest()), now);
        return (effect.fate() == Fate.PAUSED ? "not dialled, since others failed just before; " : "")
                + "endpoint: " + effect.endpoint() + "; all: " + all.open() + " open, " + all.leased() + " leased, "
                + all.waiting() + " waiting"
                + holder;
    }

    /** Any thread may be the first to put it into words, or the second. */
    private String holder(@Nullable PooledLink<?> oldest, long now) {
        if (oldest == null) {
            return "";
        }
        Holder last = lastHolder;
        if (last != null && last.link == oldest && last.now == now) {
            return last.text;
        }
        LeaseReference.Report report = oldest.report(now);
        String text = report == null ? "" : "; oldest lease: " + report;
        lastHolder = new Holder(oldest, now, text);
        return text;
    }

    private static @Nullable Opening<?> opening(@Nullable Slot slot) {
        PooledLink<?> link = link(slot);
        return link == null ? null : link.opening();
    }

    private static @Nullable PooledLink<?> link(@Nullable Slot slot) {
        return slot == null ? null : (PooledLink<?>) slot.wire();
    }
}
