package dev.keepalive;

import java.util.Map;

/**
 * What a manager holds at one moment. A photograph for people and monitors, not for decisions. Immutable.
 *
 * @param name the manager's name
 * @param limits the manager's limits in words
 * @param all the counts over all endpoints
 * @param endpoints the counts by endpoint; an endpoint without connections and waiters does not appear
 * @param totals what was done since the manager was built
 */
public record Snapshot(String name, String limits, Counts all, Map<Endpoint, Counts> endpoints, Totals totals) {
    /** Makes its own copy of the map. */
    public Snapshot {
        endpoints = Map.copyOf(endpoints);
    }

    /** The dump for the night: the manager and its limits, the totals, and a line per endpoint. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name)
                .append(": ")
                .append(all)
                .append("\n  limits: ")
                .append(limits)
                .append("\n  since start: ")
                .append(totals);
        endpoints.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(java.util.Comparator.comparing(Endpoint::toString)))
                .forEach(entry ->
                        text.append("\n  ").append(entry.getKey()).append(": ").append(entry.getValue()));
        return text.toString();
    }
}
