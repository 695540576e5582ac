package dev.keepalive.spi;

import dev.keepalive.Phase;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why a dial failed: the phase, the system's number where there is one, and the text. */
public final class DialException extends IOException {
    private static final long serialVersionUID = 1;

    private final Phase phase;
    private final int errorNumber;

    /**
     * A dial failure.
     *
     * @param phase in which it failed
     * @param errorNumber the system's number as Linux counts, a negative number of {@code getaddrinfo}, or 0 if there is none
     * @param text the error in words, for example {@code Connection refused}
     * @param cause what was thrown, or null
     */
    public DialException(Phase phase, int errorNumber, String text, @Nullable Throwable cause) {
        super(text, cause);
        this.phase = phase;
        this.errorNumber = errorNumber;
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
}
