package dev.keepalive.cli;

import dev.keepalive.AcquireException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The texts of errors, in one line. */
final class ErrorText {
    private ErrorText() {}

    /** The error; for a failed acquire with its phase and number: {@code connect error 111: Connection refused}. */
    static String text(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof AcquireException failure) {
            return failure.phase() + " error " + failure.errorNumber() + ": " + failure.errorText();
        }
        return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    }

    /** The cause without the exceptions that futures wrap around it. */
    static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
