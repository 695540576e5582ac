package dev.keepalive.spi;

import dev.keepalive.Phase;
import dev.keepalive.internal.SerializableCopy;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The failure of a dial: the phase, the system's number if there is one, and the text. Serialised with its causes; one
 * that cannot be serialised is written as an {@link IOException} with its name and text.
 */
public final class DialException extends IOException {
    private static final long serialVersionUID = 1;

    /** EMFILE, ENFILE, ENOBUFS and ENOMEM, as Linux counts. */
    private static final Set<Integer> OUT_OF_RESOURCES = Set.of(24, 23, 105, 12);

    private final Phase phase;
    private final int errorNumber;

    /**
     * Makes a dial failure.
     *
     * @param phase the phase in which the dial failed
     * @param errorNumber the system's number as Linux counts, a negative number of {@code getaddrinfo}, or 0 if there
     *     is none
     * @param text the error in words, for example {@code Connection refused}; control and format characters are made
     *     visible
     * @param cause the exception that caused the failure, or null
     */
    public DialException(Phase phase, int errorNumber, String text, @Nullable Throwable cause) {
        super(VisibleText.ofAny(text), cause);
        this.phase = phase;
        this.errorNumber = errorNumber;
    }

    /**
     * The dial failure with this cause: the cause itself if it is a {@code DialException}, else a new one with that
     * cause.
     */
    public static DialException of(Throwable cause, Phase phase) {
        return cause instanceof DialException known ? known : new DialException(phase, 0, String.valueOf(cause), cause);
    }

    /**
     * True if the dial failed because the process or the host had no descriptors or no memory left, which all
     * connections share.
     */
    public boolean isOutOfResources() {
        return OUT_OF_RESOURCES.contains(errorNumber);
    }

    /** The phase in which the dial failed. */
    public Phase phase() {
        return phase;
    }

    /** The system's number as Linux counts, a negative number of {@code getaddrinfo}, or 0 if there is none. */
    public int errorNumber() {
        return errorNumber;
    }

    /** The error in words. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /** What is serialised: this exception with causes that can be serialised. */
    private Object writeReplace() {
        return SerializableCopy.of(this, cause -> new DialException(phase, errorNumber, text(), cause));
    }
}
