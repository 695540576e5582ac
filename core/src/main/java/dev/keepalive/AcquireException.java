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

    private AcquireException(Details details) {
        super(details.message(), details.cause);
        this.request = details.request;
        this.timings = details.timings;
        this.counts = details.counts;
        this.phase = details.phase;
        this.errorNumber = details.errorNumber;
        this.errorText = details.errorText;
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
     * Everything that a failure says. Made by managers, and by tests of their users.
     *
     * @param request the request that failed
     * @param phase the phase in which it failed
     * @param errorNumber the system's number for the error, or 0
     * @param errorText the error in words
     * @param timings how long the phases took
     * @param situation how many connections there were, and which leases held them, in words
     * @param counts the counts of the endpoint, if they are known
     * @param cause what was thrown, if anything
     */
    public record Details(
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

        /** A failure with these details: made by managers, and by tests of their users. */
        public TimedOut(Details details) {
            super(details);
        }
    }

    /**
     * A connection could not be opened, or was not even tried, because others failed shortly before and the endpoint is
     * paused ({@link ManagerBuilder#dialBackOff}). {@link #getCause} tells more.
     */
    public static final class DialFailed extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details: made by managers, and by tests of their users. */
        public DialFailed(Details details) {
            super(details);
        }
    }

    /**
     * As many acquires as {@link ManagerBuilder#maxWaitingPerEndpoint} allows were waiting for the endpoint already.
     */
    public static final class QueueFull extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details: made by managers, and by tests of their users. */
        public QueueFull(Details details) {
            super(details);
        }
    }

    /** The manager is closed, or is being drained, or it has failed: then {@link #getCause} is what it failed with. */
    public static final class Closed extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details: made by managers, and by tests of their users. */
        public Closed(Details details) {
            super(details);
        }
    }

    /**
     * There was a connection, but the executor that was to take the answer refused it. The connection went to the next
     * in line.
     */
    public static final class NotDelivered extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details: made by managers, and by tests of their users. */
        public NotDelivered(Details details) {
            super(details);
        }
    }
}
