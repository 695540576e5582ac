package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/**
 * What happened, a line per step with the time since the beginning; a step that is checked says so, and whether it was
 * as it should be.
 */
final class Story {
    private final PrintWriter out;
    private final TimeSource time;
    private final long begin;
    private int checked;
    private int failed;

    Story(PrintWriter out, TimeSource time) {
        this.out = out;
        this.time = time;
        this.begin = time.nanoTime();
    }

    /** Tells a step. */
    void tell(String step) {
        line("", step);
    }

    /** Tells a step, and whether what was seen is what was expected. */
    void check(String step, Object expected, Object seen) {
        checked++;
        if (Objects.equals(expected, seen)) {
            line("ok", step + ": " + seen);
        } else {
            failed++;
            line("FAILED", step + ": expected " + expected + ", saw " + seen);
        }
    }

    /** Tells what stopped the story before its end. */
    void broken(Throwable thrown) {
        checked++;
        failed++;
        line("FAILED", "The story ends here: " + Errors.text(thrown));
    }

    /** Tells the end. */
    boolean end() {
        tell(failed == 0 ? "All " + checked + " checks hold." : failed + " of " + checked + " checks FAILED.");
        return failed == 0;
    }

    private void line(String verdict, String step) {
        out.println(String.format(Locale.ROOT, "%7.3f s  %-6s  %s", (time.nanoTime() - begin) / 1e9, verdict, step));
    }
}
