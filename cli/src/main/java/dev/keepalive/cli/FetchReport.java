package dev.keepalive.cli;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Totals;
import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The table at the end of {@code fetch}. It is printed once: when all requests are done, or when the program is
 * interrupted before.
 */
final class FetchReport implements AutoCloseable {
    private static final int NAME_WIDTH = 36;
    private static final String TIMES = "%-12s %11s %11s %11s %11s%n";

    private final CliStreams streams;
    private final PrintWriter out;
    private final FetchStatistics statistics;
    private final ConnectionManager<?> connections;
    private final long requests;
    private final TimeSource time;
    private final long begin;
    private final Thread onInterrupt = new Thread(this::interrupted, "keepalive-interrupted");
    private boolean printed;
    private int nameWidth = NAME_WIDTH;

    /** Starts to measure the time. */
    FetchReport(
            CliStreams streams,
            FetchStatistics statistics,
            ConnectionManager<?> connections,
            long requests,
            TimeSource time) {
        this.streams = streams;
        this.out = streams.out();
        this.statistics = statistics;
        this.connections = connections;
        this.requests = requests;
        this.time = time;
        this.begin = time.nanoTime();
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    /** Prints the table. */
    synchronized void complete() {
        if (!printed) {
            printed = true;
            print(connections.snapshot().totals(), (time.nanoTime() - begin) / 1e9);
        }
    }

    /** After this, an interrupt prints nothing. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException alreadyInterrupted) {
            // the table has been printed, or is being printed
        }
    }

    private void interrupted() {
        statistics.end();
        streams.err().printf("%nkeepalive: interrupted after %d of %d requests%n", statistics.done(), requests);
        complete();
    }

    private void print(Totals totals, double seconds) {
        long done = statistics.done();
        Map<String, Long> failures = statistics.failures();
        nameWidth =
                failures.keySet().stream().mapToInt(kind -> kind.length() + 2).reduce(NAME_WIDTH, Math::max);
        row("requests", done);
        rows(statistics.statuses());
        if (statistics.overHttp2() > 0) {
            row("  over HTTP/2", statistics.overHttp2());
        }
        row("failed", statistics.failed());
        rows(failures);
        row("retried", statistics.retries());
        row("bytes", statistics.bytes());
        row("time", decimal("%.3f s", seconds));
        row("requests/s", decimal("%.1f", seconds > 0 ? done / seconds : 0));
        row("connections opened", totals.opened());
        row("leases immediate", totals.immediate());
        row("leases deferred", totals.deferred());
        row("leases new", totals.created());
        out.println();
        out.printf(TIMES, "ms", "count", "p50", "p99", "max");
        times("waiting", statistics.waiting());
        times("connecting", statistics.connecting());
        times("total", statistics.total());
        out.flush();
    }

    private void rows(Map<String, Long> counts) {
        counts.forEach((kind, count) -> row("  " + kind, count));
    }

    private void row(String name, Object value) {
        out.printf("%-" + nameWidth + "s %12s%n", name, value);
    }

    private void times(String name, Histogram micros) {
        if (micros.getTotalCount() == 0) {
            out.printf(TIMES, name, 0, "-", "-", "-");
        } else {
            out.printf(
                    TIMES,
                    name,
                    micros.getTotalCount(),
                    millis(micros.getValueAtPercentile(50)),
                    millis(micros.getValueAtPercentile(99)),
                    millis(micros.getMaxValue()));
        }
    }

    private static String millis(long micros) {
        return decimal("%.3f", micros / 1e3);
    }

    private static String decimal(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
