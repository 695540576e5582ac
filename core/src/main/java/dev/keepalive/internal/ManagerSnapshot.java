package dev.keepalive.internal;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The snapshot of one manager. Immutable.
 *
 * @param settings the limits and times, as text
 */
record ManagerSnapshot(
        String name, Limits limits, String settings, Counts all, Map<Endpoint, Counts> endpoints, Totals totals)
        implements Snapshot {
    /** Makes its own copy of the map, without endpoints that the machine remembers for a failed dial only. */
    ManagerSnapshot {
        endpoints = endpoints.entrySet().stream()
                .filter(entry -> entry.getValue().open() + entry.getValue().waiting() > 0)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name)
                .append(": ")
                .append(all)
                .append("\n  limits: ")
                .append(settings)
                .append("\n  since start: ")
                .append(totals);
        endpoints.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparing(Endpoint::toString)))
                .forEach(entry ->
                        text.append("\n  ").append(entry.getKey()).append(": ").append(entry.getValue()));
        return text.toString();
    }
}
