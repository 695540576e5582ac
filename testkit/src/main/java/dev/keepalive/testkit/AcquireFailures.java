package dev.keepalive.testkit;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.spi.DialException;
import org.jspecify.annotations.Nullable;

/**
 * Failures of acquires, for tests of code that handles them. Each method makes the exception that a manager would give,
 * with plausible details and without counts. Safe from any thread.
 */
public final class AcquireFailures {
    private static final int TIMED_OUT = 110;

    private AcquireFailures() {}

    /** The acquire was still in the wait queue when its time was up. */
    public static AcquireException.TimedOut timedOut(AcquireRequest request) {
        return new AcquireException.TimedOut(details(request, Phase.QUEUE, TIMED_OUT, "acquireTimeout is over", null));
    }

    /** The dial failed, in the phase and with the error number of its cause. */
    public static AcquireException.DialFailed dialFailed(AcquireRequest request, DialException cause) {
        return new AcquireException.DialFailed(
                details(request, cause.phase(), cause.errorNumber(), cause.text(), cause));
    }

    /** As many acquires waited for the endpoint as {@code maxWaitingPerEndpoint} allows. */
    public static AcquireException.QueueFull queueFull(AcquireRequest request) {
        return new AcquireException.QueueFull(
                details(request, Phase.QUEUE, 0, "maxWaitingPerEndpoint: as many wait already", null));
    }

    /** The manager was closed, or was being drained. */
    public static AcquireException.Closed closed(AcquireRequest request) {
        return new AcquireException.Closed(details(request, Phase.QUEUE, 0, "the manager is closed", null));
    }

    /** The executor that was to take the answer refused it with this exception. */
    public static AcquireException.NotDelivered notDelivered(AcquireRequest request, Throwable refusal) {
        return new AcquireException.NotDelivered(
                details(request, Phase.QUEUE, 0, "the executor refused the answer", refusal));
    }

    private static AcquireException.Details details(
            AcquireRequest request, Phase phase, int errorNumber, String text, @Nullable Throwable cause) {
        return new AcquireException.Details(
                request, phase, errorNumber, text, Timings.ofWait(0), "made by a test", null, cause);
    }
}
