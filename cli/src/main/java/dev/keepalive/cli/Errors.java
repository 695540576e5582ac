package dev.keepalive.cli;

import dev.keepalive.AcquireException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Errors in one line. */
final class Errors {
    private Errors() {}

    /**
     * The error as the seed prints it where it is one of getting a connection: {@code connect error 111: Connection
     * refused}.
     */
    static String text(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof AcquireException failure) {
            return failure.phase() + " error " + failure.errorNumber() + ": " + failure.errorText();
        }
        return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    }

    /** What went wrong, without the wrappings of futures. */
    static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
