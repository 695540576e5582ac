package dev.keepalive.cli;

import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.http.HttpExchangeListener;
import dev.keepalive.http.HttpExchangeReport;
import java.net.http.HttpClient.Version;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** Counts the results of requests. Safe from any thread; uses the same memory for any number of requests. */
final class FetchStatistics implements HttpExchangeListener {
    private static final int KINDS_OF_FAILURE = 20;
    private static final String OTHERS = "other errors";

    /** The client's options in its messages, and what they are called here. */
    private static final Map<String, String> OPTIONS = Map.of(
            "(maxHeaderSize)", "(--max-header-size)",
            "(responseTimeout)", "(--response-timeout)",
            " (maxInformational)", "");

    private final Map<String, Long> statuses = new TreeMap<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private final Map<String, Throwable> examples = new TreeMap<>();
    private final Histogram waiting = new Histogram(3);
    private final Histogram connecting = new Histogram(3);
    private final Histogram total = new Histogram(3);
    private long overHttp2;
    private long failed;
    private long retried;
    private long bytes;
    private boolean ended;

    /** Counts an answered request; a status from 400 on counts as a failure. */
    synchronized void answered(Version version, int status, long size, long nanos) {
        if (ended) {
            return;
        }
        overHttp2 += version == Version.HTTP_2 ? 1 : 0;
        total.recordValue(micros(nanos));
        bytes += size;
        statuses.merge("status " + status / 100 + "xx", 1L, Long::sum);
        if (status >= 400) {
            failed++;
            failures.merge("status " + status, 1L, Long::sum);
        }
    }

    /** Counts a request without an answer. */
    synchronized void failed(Throwable cause, long nanos) {
        if (ended) {
            return;
        }
        total.recordValue(micros(nanos));
        failed++;
        String text = text(cause);
        // Some texts contain times or addresses, so there may be as many texts as failures.
        String kind = failures.containsKey(text) || failures.size() < KINDS_OF_FAILURE ? text : OTHERS;
        failures.merge(kind, 1L, Long::sum);
        examples.putIfAbsent(kind, cause);
    }

    private static String text(Throwable cause) {
        String text = ErrorText.text(cause);
        for (Map.Entry<String, String> option : OPTIONS.entrySet()) {
            text = text.replace(option.getKey(), option.getValue());
        }
        return text;
    }

    /** Counts what a request needed: several exchanges, if it was redirected. */
    @Override
    public void exchangeEnded(HttpExchangeReport report) {
        retried(report.attempts() - 1);
        LeaseOrigin origin = report.origin();
        Timings timings = report.timings();
        if (origin != null && timings != null) {
            leased(origin, timings);
        }
    }

    /** Counts how often a request was sent again. */
    synchronized void retried(int times) {
        retried += ended ? 0 : times;
    }

    /** Counts the time for a connection. */
    synchronized void leased(LeaseOrigin origin, Timings timings) {
        if (ended) {
            return;
        }
        waiting.recordValue(micros(timings.get(Phase.QUEUE).toNanos()));
        if (origin == LeaseOrigin.NEW) {
            connecting.recordValue(micros(timings.dial().toNanos()));
        }
    }

    /** Stops counting, so that all numbers fit together. */
    synchronized void end() {
        ended = true;
    }

    /** How many requests have ended, successfully or not. */
    synchronized long done() {
        return total.getTotalCount();
    }

    /** How many answers came with HTTP/2. */
    synchronized long overHttp2() {
        return overHttp2;
    }

    synchronized long failed() {
        return failed;
    }

    synchronized long retries() {
        return retried;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** The answers by class of their status. */
    synchronized Map<String, Long> statuses() {
        return new TreeMap<>(statuses);
    }

    /** The failures by kind. */
    synchronized Map<String, Long> failures() {
        return new TreeMap<>(failures);
    }

    /** One exception for each kind of failure. */
    synchronized Collection<Throwable> examples() {
        return List.copyOf(examples.values());
    }

    /** How long requests waited for their leases, in microseconds. */
    synchronized Histogram waiting() {
        return waiting.copy();
    }

    /** How long new connections took to open, in microseconds. */
    synchronized Histogram connecting() {
        return connecting.copy();
    }

    /** How long requests took from the acquire to their end, retries included, in microseconds. */
    synchronized Histogram total() {
        return total.copy();
    }

    private static long micros(long nanos) {
        return nanos / 1000;
    }
}
