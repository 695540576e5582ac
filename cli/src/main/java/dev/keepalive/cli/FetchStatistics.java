package dev.keepalive.cli;

import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Counts the results of requests. Safe from any thread; uses the same memory for any number of requests. */
final class FetchStatistics {
    private static final int KINDS_OF_FAILURE = 20;
    private static final String OTHERS = "other errors";

    private final Map<String, Long> statuses = new TreeMap<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private final Map<String, Throwable> examples = new TreeMap<>();
    private final Histogram waiting = new Histogram(3);
    private final Histogram connecting = new Histogram(3);
    private final Histogram total = new Histogram(3);
    private long failed;
    private long retried;
    private long bytes;
    private boolean ended;

    /** Counts an answered request; a status from 400 on counts as a failure. */
    synchronized void answered(@Nullable Lease<?> lease, int status, long size, long nanos) {
        if (ended) {
            return;
        }
        leased(lease);
        total.recordValue(micros(nanos));
        bytes += size;
        statuses.merge("status " + status / 100 + "xx", 1L, Long::sum);
        if (status >= 400) {
            failed++;
            failures.merge("status " + status, 1L, Long::sum);
        }
    }

    /** Counts a request without an answer. */
    synchronized void failed(@Nullable Lease<?> lease, Throwable cause, long nanos) {
        if (ended) {
            return;
        }
        leased(lease);
        total.recordValue(micros(nanos));
        failed++;
        String text = ErrorText.text(cause);
        // Some texts contain times or addresses, so there may be as many texts as failures.
        String kind = failures.containsKey(text) || failures.size() < KINDS_OF_FAILURE ? text : OTHERS;
        failures.merge(kind, 1L, Long::sum);
        examples.putIfAbsent(kind, cause);
    }

    /** Counts a request that is sent again. */
    synchronized void retried(@Nullable Lease<?> lease) {
        if (ended) {
            return;
        }
        leased(lease);
        retried++;
    }

    /** Stops counting, so that all numbers fit together. */
    synchronized void end() {
        ended = true;
    }

    /** How many requests have ended, successfully or not. */
    synchronized long done() {
        return total.getTotalCount();
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

    private void leased(@Nullable Lease<?> lease) {
        if (lease == null) {
            return;
        }
        waiting.recordValue(micros(lease.timings().get(Phase.QUEUE).toNanos()));
        if (lease.origin() == LeaseOrigin.NEW) {
            connecting.recordValue(micros(lease.timings().dial().toNanos()));
        }
    }

    private static long micros(long nanos) {
        return nanos / 1000;
    }
}
