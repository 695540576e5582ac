package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/**
 * Logs the steps of a demo, one line each with the time since the beginning. A checked step also shows whether the
 * check holds.
 */
final class StepLog {
    private final PrintWriter out;
    private final TimeSource time;
    private final long begin;
    private int checked;
    private int failed;

    StepLog(PrintWriter out, TimeSource time) {
        this.out = out;
        this.time = time;
        this.begin = time.nanoTime();
    }

    /** Logs a step. */
    void step(String step) {
        line("", step);
    }

    /** Logs a step and whether the observed value is the expected one. */
    void check(String step, Object expected, Object seen) {
        checked++;
        if (Objects.equals(expected, seen)) {
            line("ok", step + ": " + seen);
        } else {
            failed++;
            line("FAILED", step + ": expected " + expected + ", saw " + seen);
        }
    }

    /** Logs the error that ended the demo early. */
    void broken(Throwable thrown) {
        checked++;
        failed++;
        line("FAILED", "The demo ends here: " + ErrorText.text(thrown));
    }

    /** Logs the summary; true if all checks hold. */
    boolean end() {
        step(failed == 0 ? "All " + checked + " checks hold." : failed + " of " + checked + " checks FAILED.");
        return failed == 0;
    }

    private void line(String verdict, String step) {
        out.println(String.format(Locale.ROOT, "%7.3f s  %-6s  %s", (time.nanoTime() - begin) / 1e9, verdict, step));
    }
}
