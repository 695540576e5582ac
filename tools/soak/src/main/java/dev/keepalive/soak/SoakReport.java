package dev.keepalive.soak;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The result of a soak.
 *
 * @param length how long the workers worked
 * @param tally what they counted
 * @param faults how often each fault was committed
 * @param highWater the most connections open at one moment and the limit: of each manager, of the budget, and per
 *     endpoint
 * @param findings what was wrong; empty if nothing was
 */
record SoakReport(
        Duration length,
        OutcomeTally tally,
        Map<ChaosFault, Long> faults,
        List<String> highWater,
        List<String> findings) {
    /** The one line of figures. */
    String line() {
        double minutes = length.toMillis() / 60_000.0;
        return String.format(
                Locale.ROOT,
                "soak: %.1f min, %d acquires (%d immediate, %d deferred, %d new, %d failed, %d cancelled, "
                        + "%d not idle), faults: %s; high water %s; %s",
                minutes,
                tally.of(WorkerCount.STARTED),
                tally.of(WorkerCount.IMMEDIATE),
                tally.of(WorkerCount.DEFERRED),
                tally.of(WorkerCount.NEW),
                tally.failed(),
                tally.of(WorkerCount.CANCELLED),
                tally.of(WorkerCount.NONE_IDLE),
                faults.entrySet().stream()
                        .map(fault -> fault.getKey() + " " + fault.getValue())
                        .collect(Collectors.joining(", ")),
                String.join(", ", highWater),
                findings.isEmpty() ? "nothing lost" : findings.size() + " found wrong");
    }
}
