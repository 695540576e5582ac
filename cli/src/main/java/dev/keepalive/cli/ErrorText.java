package dev.keepalive.cli;

import dev.keepalive.AcquireException;
import dev.keepalive.spi.VisibleText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The texts of errors, in one line. */
final class ErrorText {
    private ErrorText() {}

    /** The error; for a failed acquire with its phase and number: {@code connect error 111: Connection refused}. */
    static String text(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        AcquireException failure = acquireFailure(cause);
        if (failure != null) {
            return failure.phase() + " error " + failure.errorNumber() + ": " + failure.errorText();
        }
        return VisibleText.of(
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName()));
    }

    /** Why there was no connection; null if that is not what has failed. An HTTP client has it wrapped. */
    private static @Nullable AcquireException acquireFailure(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof AcquireException failure) {
                return failure;
            }
            if (cause instanceof ConnectException) {
                for (Throwable beside : cause.getSuppressed()) {
                    if (beside instanceof AcquireException failure) {
                        return failure;
                    }
                }
            }
        }
        return null;
    }

    /** Prints the stack trace, with control and format characters in its lines made visible. */
    static void printStackTrace(Throwable thrown, PrintWriter out) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        for (String line : trace.toString().split("\\R")) {
            boolean indented = line.startsWith("\t");
            out.println((indented ? "\t" : "") + VisibleText.ofAny(indented ? line.substring(1) : line));
        }
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
