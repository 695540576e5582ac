package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that have a waiter, a slot or a failed dial, each with its state. It is the only place where endpoint
 * states are created and forgotten. Of the last of those that were forgotten it remembers that they work, and how many
 * leases a connection takes.
 */
final class EndpointTable {
    private final Map<Endpoint, EndpointState> endpoints = new HashMap<>();
    private final History history;

    /**
     * Proven endpoints that have nothing left, each with how many leases its last connection took; the one that was
     * forgotten last is last.
     */
    private final Map<Endpoint, Integer> remembered = new LinkedHashMap<>();

    private final int mostRemembered;
    private long lastNumber;

    EndpointTable(History history, int mostRemembered) {
        this.history = history;
        this.mostRemembered = mostRemembered;
    }

    /** The state of the endpoint; a new one if the endpoint is unknown. */
    EndpointState of(Endpoint key) {
        return endpoints.computeIfAbsent(key, unknown -> {
            Integer learned = remembered.remove(unknown);
            EndpointState state = new EndpointState(unknown, ++lastNumber, learned == null ? 0 : learned);
            history.endpoint(state.number(), unknown);
            return state;
        });
    }

    /** The state of the endpoint; null if the endpoint is unknown. */
    @Nullable
    EndpointState find(Endpoint key) {
        return endpoints.get(key);
    }

    /** Forgets an endpoint that has nothing left, except that it works. */
    void forgetIfEmpty(EndpointState endpoint) {
        if (endpoint.isEmpty() && endpoints.remove(endpoint.endpoint, endpoint) && endpoint.isProven()) {
            remembered.put(endpoint.endpoint, endpoint.learned());
            if (remembered.size() > mostRemembered) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
    }

    /** The number of endpoints of which it is only remembered that they work. */
    int remembered() {
        return remembered.size();
    }

    int size() {
        return endpoints.size();
    }

    /**
     * A copy of all endpoint states, in the order in which they were created. The order of the map depends on hash
     * codes, which differ from one run of the program to the next: with it, a replay would have its effects in another
     * order.
     */
    List<EndpointState> all() {
        List<EndpointState> all = new ArrayList<>(endpoints.values());
        all.sort(Comparator.comparingLong(EndpointState::number));
        return all;
    }

    /** True if this state is the one under its endpoint's key. */
    boolean contains(EndpointState endpoint) {
        return endpoints.get(endpoint.endpoint) == endpoint;
    }

    /** The counts of each endpoint. */
    Map<Endpoint, Counts> counts() {
        Map<Endpoint, Counts> counts = new HashMap<>();
        endpoints.forEach((endpoint, state) -> counts.put(endpoint, state.counts()));
        return counts;
    }
}
