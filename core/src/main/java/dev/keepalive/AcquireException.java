package dev.keepalive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why an acquire got no connection. Says for whom, in which phase, after how long, with what error of the system, and
 * how many connections there were. Immutable but for what {@link Throwable} allows.
 */
public abstract sealed class AcquireException extends IOException {
    private static final long serialVersionUID = 1;

    private final AcquireRequest request;
    private final Timings timings;
    private final @Nullable Counts counts;
    private final Phase phase;
    private final int errorNumber;
    private final String errorText;

    private AcquireException(Failure failure) {
        super(failure.message(), failure.cause);
        this.request = failure.request;
        this.timings = failure.timings;
        this.counts = failure.counts;
        this.phase = failure.phase;
        this.errorNumber = failure.errorNumber;
        this.errorText = failure.errorText;
    }

    /** The request that failed; after deserialisation without its context. */
    public AcquireRequest request() {
        return request;
    }

    /** How long the acquire waited, and how long the phases of the dial took that failed it, if one did. */
    public Timings timings() {
        return timings;
    }

    /**
     * The phase in which it failed; {@link #timings} tells how long that and the others took. The seed's
     * {@code function}.
     */
    public Phase phase() {
        return phase;
    }

    /**
     * The system's number for the error, as Linux counts (111: connection refused, 110: timed out); for a name that
     * could not be looked up the negative number of {@code getaddrinfo}; 0 where there is none. The seed's
     * {@code error_num}.
     */
    public int errorNumber() {
        return errorNumber;
    }

    /** The error in words, without the circumstances that {@link #getMessage} adds. The seed's {@code error_str}. */
    public String errorText() {
        return errorText;
    }

    /**
     * The counts of the endpoint when the acquire failed. Null if the answer was refused by the executor that was to
     * take it, or if the manager itself had failed.
     */
    public @Nullable Counts counts() {
        return counts;
    }

    /**
     * Everything that a failure says.
     *
     * @param situation how many connections there were, and who held them, in words
     */
    record Failure(
            AcquireRequest request,
            Phase phase,
            int errorNumber,
            String errorText,
            Timings timings,
            String situation,
            @Nullable Counts counts,
            @Nullable Throwable cause) {
        String message() {
            return request + ": " + phase + " error " + errorNumber + ": " + errorText + " [" + timings + "; "
                    + situation + "]";
        }
    }

    /**
     * The time given was up: everything counts, from the call until the lease. {@link #phase} tells what was under way,
     * {@link #timings} how long it took.
     */
    public static final class TimedOut extends AcquireException {
        private static final long serialVersionUID = 1;

        TimedOut(Failure failure) {
            super(failure);
        }
    }

    /**
     * A connection could not be opened, or was not even tried, because others failed shortly before and the endpoint is
     * paused ({@link ManagerBuilder#dialBackOff}). {@link #getCause} tells more.
     */
    public static final class DialFailed extends AcquireException {
        private static final long serialVersionUID = 1;

        DialFailed(Failure failure) {
            super(failure);
        }
    }

    /**
     * As many acquires as {@link ManagerBuilder#maxWaitingPerEndpoint} allows were waiting for the endpoint already.
     */
    public static final class QueueFull extends AcquireException {
        private static final long serialVersionUID = 1;

        QueueFull(Failure failure) {
            super(failure);
        }
    }

    /** The manager is closed, or is being drained, or it has failed: then {@link #getCause} is what it failed with. */
    public static final class Closed extends AcquireException {
        private static final long serialVersionUID = 1;

        Closed(Failure failure) {
            super(failure);
        }
    }

    /**
     * There was a connection, but the executor that was to take the answer refused it. The connection went to the next
     * in line.
     */
    public static final class NotDelivered extends AcquireException {
        private static final long serialVersionUID = 1;

        NotDelivered(Failure failure) {
            super(failure);
        }
    }
}
