package dev.keepalive.cli;

import dev.keepalive.AcquireException;
import dev.keepalive.spi.VisibleText;
import java.io.PrintWriter;
import java.io.StringWriter;
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
        return VisibleText.of(
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName()));
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
