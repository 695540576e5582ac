package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A progress bar on a terminal, drawn several times per second until it is closed. */
final class ProgressBar implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long REDRAW_NANOS = 200_000_000;

    private final PrintWriter terminal;
    private final long all;
    private final LongSupplier done;
    private final TimeSource.Alarm alarm;
    private boolean closed;

    ProgressBar(PrintWriter terminal, long all, LongSupplier done, TimeSource time) {
        this.terminal = terminal;
        this.all = all;
        this.done = done;
        this.alarm = time.alarm("keepalive-progress", this::redraw);
        alarm.set(REDRAW_NANOS);
    }

    /** Stops drawing and removes the bar. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            alarm.close();
            terminal.print("\r" + " ".repeat(WIDTH + 40) + "\r");
            terminal.flush();
        }
    }

    private synchronized void redraw() {
        if (!closed) {
            terminal.print("\r" + bar(done.getAsLong(), all));
            terminal.flush();
            alarm.set(REDRAW_NANOS);
        }
    }

    static String bar(long done, long all) {
        int full = (int) ((double) done / all * WIDTH);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  %d of %d",
                "#".repeat(full),
                " ".repeat(WIDTH - full),
                (long) ((double) done / all * 100),
                done,
                all);
    }
}
