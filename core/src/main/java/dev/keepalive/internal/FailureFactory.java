package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireException.Details;
import dev.keepalive.Counts;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;
import dev.keepalive.spi.DialException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the failure of an acquire: the phase, the error, how many connections there were, and the oldest lease. Safe
 * from any thread.
 */
final class FailureFactory {
    private static final int TIMED_OUT = 110;

    private final ManagerContext<?> context;

    /** Kept for the next failure: when a manager is closed, many failures name the same lease at the same time. */
    private @Nullable Holder lastHolder;

    /** The oldest lease at a time, as text. */
    private record Holder(PooledConnection<?> connection, long now, String text) {}

    FailureFactory(ManagerContext<?> context) {
        this.context = context;
    }

    AcquireException of(Effect.Fail effect, AcquireCallback<?> callback, long now) {
        long waited = now - callback.details().at();
        return switch (effect.outcome()) {
            case TIMED_OUT -> new AcquireException.TimedOut(timeout(effect, callback, waited, now));
            case DIAL_TIMED_OUT -> new AcquireException.DialFailed(timeout(effect, callback, waited, now));
            case DIAL_FAILED, PAUSED -> new AcquireException.DialFailed(dialFailure(effect, callback, waited, now));
            case QUEUE_FULL -> new AcquireException.QueueFull(refusal(effect, callback, waited, now, queueFull()));
            case CLOSED -> new AcquireException.Closed(refusal(effect, callback, waited, now, "the manager is closed"));
            case SERVED, CANCELLED -> throw new IllegalStateException("no failure: " + effect.outcome());
        };
    }

    /** The failure of an acquire of a manager that has failed. */
    static AcquireException ofFailedManager(AcquireCallback<?> callback, long now, Throwable cause) {
        String text = "the manager has failed, and is closed: " + cause;
        Timings timings = Timings.ofWait(now - callback.details().at());
        String situation = "no counts: the manager's own counters are wrong";
        return new AcquireException.Closed(
                new Details(callback.request(), Phase.QUEUE, 0, text, timings, situation, null, cause));
    }

    private Details refusal(Effect.Fail effect, AcquireCallback<?> callback, long waited, long now, String text) {
        return failure(effect, callback, Phase.QUEUE, 0, text, Timings.ofWait(waited), now, null);
    }

    private Details timeout(Effect.Fail effect, AcquireCallback<?> callback, long waited, long now) {
        DialSequence<?> dial = dialSequence(effect.dial());
        Phase phase = dial == null ? Phase.QUEUE : dial.phase();
        Timings timings = dial == null ? Timings.ofWait(waited) : dial.timings(waited);
        boolean whole = effect.outcome() == AcquireOutcome.TIMED_OUT;
        String text = whole ? acquireTimedOut(callback.details()) : "dialTimeout " + context.dialTimeout() + " is over";
        // A waiter that goes on waiting when dials fail may have outlived this one.
        DialException outlived = whole && dial != null ? dial.knownFailure() : null;
        String all = outlived == null ? text : text + "; the last dial failed: " + outlived.text();
        String room = dial != null && dial.lacksRoom() ? "; the connection is open, and takes no lease yet" : "";
        return failure(effect, callback, phase, TIMED_OUT, all + room, timings, now, outlived);
    }

    private static String acquireTimedOut(AcquireDetails details) {
        Duration own = details.request().timeout();
        Duration timeout = own == null ? Duration.ofNanos(details.deadline() - details.at()) : own;
        return (own == null ? "acquireTimeout " : "the request's timeout ") + timeout + " is over";
    }

    private String queueFull() {
        return "maxWaitingPerEndpoint " + context.limits().maxWaitingPerEndpoint() + ": as many wait already";
    }

    private Details dialFailure(Effect.Fail effect, AcquireCallback<?> callback, long waited, long now) {
        DialSequence<?> dial = dialSequence(effect.dial());
        DialException cause = dial == null ? null : dial.failure();
        if (dial == null || cause == null) {
            return timeout(effect, callback, waited, now);
        }
        Timings timings = effect.outcome() == AcquireOutcome.PAUSED ? Timings.ofWait(waited) : dial.timings(waited);
        return failure(effect, callback, cause.phase(), cause.errorNumber(), cause.text(), timings, now, cause);
    }

    private Details failure(
            Effect.Fail effect,
            AcquireCallback<?> callback,
            Phase phase,
            int number,
            String text,
            Timings timings,
            long now,
            @Nullable Throwable cause) {
        return new Details(
                callback.request(), phase, number, text, timings, situation(effect, now), effect.endpoint(), cause);
    }

    private String situation(Effect.Fail effect, long now) {
        Counts all = effect.all();
        String holder = holder(connection(effect.oldest()), now);
        return (effect.outcome() == AcquireOutcome.PAUSED ? "not dialed, since other dials failed just before; " : "")
                + "endpoint: " + effect.endpoint() + "; all: " + all.open() + " open, " + all.leased() + " leased, "
                + all.waiting() + " waiting"
                + holder;
    }

    /** The oldest lease as text; two threads may both make the text. */
    private String holder(@Nullable PooledConnection<?> oldest, long now) {
        if (oldest == null) {
            return "";
        }
        Holder last = lastHolder;
        if (last != null && last.connection == oldest && last.now == now) {
            return last.text;
        }
        LeaseReference.Report report = oldest.report(now);
        String text = report == null ? "" : "; oldest lease: " + report;
        lastHolder = new Holder(oldest, now, text);
        return text;
    }

    private static @Nullable DialSequence<?> dialSequence(@Nullable Slot slot) {
        PooledConnection<?> connection = connection(slot);
        return connection == null ? null : connection.dialSequence();
    }

    private static @Nullable PooledConnection<?> connection(@Nullable Slot slot) {
        return slot == null ? null : (PooledConnection<?>) slot.atomicSlot();
    }
}
