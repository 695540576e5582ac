package dev.keepalive;

import dev.keepalive.internal.SerializableCopy;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The failure of an acquire: why the caller got no connection. It tells the request, the phase, the time that each
 * phase took, the system's error, and how many connections there were. Immutable, except for what {@link Throwable}
 * allows. Serialised with its causes; one that cannot be serialised is written as an {@link IOException} with its name
 * and text.
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

    /** A copy with another cause. */
    private AcquireException(AcquireException original, @Nullable Throwable cause) {
        super(original.getMessage(), cause);
        this.request = original.request;
        this.timings = original.timings;
        this.counts = original.counts;
        this.phase = original.phase;
        this.errorNumber = original.errorNumber;
        this.errorText = original.errorText;
    }

    abstract AcquireException withCause(@Nullable Throwable cause);

    /** What is serialised: this exception with causes that can be serialised. */
    Object writeReplace() {
        return SerializableCopy.of(this, this::withCause);
    }

    /** The request that failed. After deserialisation it has no context. */
    public AcquireRequest request() {
        return request;
    }

    /** How long the acquire waited. If a dial failed it, also how long the phases of that dial took. */
    public Timings timings() {
        return timings;
    }

    /** The phase in which the acquire failed. {@link #timings} tells how long this phase and the others took. */
    public Phase phase() {
        return phase;
    }

    /**
     * The system's number for the error, as Linux counts: 111 for connection refused, 110 for timed out. For a name
     * that could not be looked up it is the negative number of {@code getaddrinfo}. It is 0 if there is no number.
     */
    public int errorNumber() {
        return errorNumber;
    }

    /** The error in words, without the circumstances that {@link #getMessage} adds. */
    public String errorText() {
        return errorText;
    }

    /**
     * The counts of the endpoint when the acquire failed. Null if the executor that was to deliver the answer refused
     * it, or if the manager itself had failed.
     */
    public @Nullable Counts counts() {
        return counts;
    }

    /**
     * Everything that a failure tells. Managers make it, and so may tests of their users.
     *
     * @param request the request that failed
     * @param phase the phase in which it failed
     * @param errorNumber the system's number for the error, or 0
     * @param errorText the error in words
     * @param timings how long the phases took
     * @param situation how many connections there were, and which leases held them, in words
     * @param counts the counts of the endpoint; null if they are not known
     * @param cause the exception that caused the failure, or null
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
     * The acquire's timeout has passed. The time counts from the call until the lease, and includes every phase.
     * {@link #phase} tells which phase was under way, {@link #timings} how long each phase took.
     */
    public static final class TimedOut extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details. Managers make it, and so may tests of their users. */
        public TimedOut(Details details) {
            super(details);
        }

        private TimedOut(TimedOut original, @Nullable Throwable cause) {
            super(original, cause);
        }

        @Override
        AcquireException withCause(@Nullable Throwable cause) {
            return new TimedOut(this, cause);
        }
    }

    /**
     * The connection could not be opened. Or no dial was tried, because dials had failed shortly before and the
     * endpoint is paused ({@link ManagerBuilder#dialBackOff}). {@link #getCause} tells more.
     */
    public static final class DialFailed extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details. Managers make it, and so may tests of their users. */
        public DialFailed(Details details) {
            super(details);
        }

        private DialFailed(DialFailed original, @Nullable Throwable cause) {
            super(original, cause);
        }

        @Override
        AcquireException withCause(@Nullable Throwable cause) {
            return new DialFailed(this, cause);
        }
    }

    /**
     * The wait queue of the endpoint was full: {@link ManagerBuilder#maxWaitingPerEndpoint} acquires were waiting
     * already.
     */
    public static final class QueueFull extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details. Managers make it, and so may tests of their users. */
        public QueueFull(Details details) {
            super(details);
        }

        private QueueFull(QueueFull original, @Nullable Throwable cause) {
            super(original, cause);
        }

        @Override
        AcquireException withCause(@Nullable Throwable cause) {
            return new QueueFull(this, cause);
        }
    }

    /** The manager is closed, is being drained, or has failed. If it has failed, {@link #getCause} is the reason. */
    public static final class Closed extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details. Managers make it, and so may tests of their users. */
        public Closed(Details details) {
            super(details);
        }

        private Closed(Closed original, @Nullable Throwable cause) {
            super(original, cause);
        }

        @Override
        AcquireException withCause(@Nullable Throwable cause) {
            return new Closed(this, cause);
        }
    }

    /**
     * There was a connection, but the executor that was to deliver the answer refused it. The next waiter got the
     * connection.
     */
    public static final class NotDelivered extends AcquireException {
        private static final long serialVersionUID = 1;

        /** A failure with these details. Managers make it, and so may tests of their users. */
        public NotDelivered(Details details) {
            super(details);
        }

        private NotDelivered(NotDelivered original, @Nullable Throwable cause) {
            super(original, cause);
        }

        @Override
        AcquireException withCause(@Nullable Throwable cause) {
            return new NotDelivered(this, cause);
        }
    }
}
