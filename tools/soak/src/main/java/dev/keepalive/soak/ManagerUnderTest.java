package dev.keepalive.soak;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.Requests;
import java.util.List;

/**
 * One manager under test, with its limits.
 *
 * @param manager the manager
 * @param endpoints the endpoints that it connects to
 * @param maxOpen its total limit
 * @param maxOpenPerEndpoint its limit per endpoint
 * @param total counts, at the server, the connections that it holds open
 * @param tally what the workers have counted for it
 */
record ManagerUnderTest(
        ConnectionManager<Requests<CheckedExchange, String>> manager,
        List<Endpoint> endpoints,
        int maxOpen,
        int maxOpenPerEndpoint,
        ConnectionGauge total,
        OutcomeTally tally) {
    /** The endpoints whose connections take several leases at a time. */
    List<Endpoint> sharedEndpoints() {
        return endpoints.stream()
                .filter(endpoint -> EndpointKind.of(endpoint).isShared())
                .toList();
    }
}
