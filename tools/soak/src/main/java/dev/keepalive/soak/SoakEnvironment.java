package dev.keepalive.soak;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.NettyConnectorBuilder;
import dev.keepalive.netty.Requests;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The environment of a soak: a chaos server with many listeners, and two managers, each with listeners of its own. They
 * share a budget that is too small for both.
 */
final class SoakEnvironment implements AutoCloseable {
    private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(20);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMillis(200);
    private static final Duration LIFETIME = Duration.ofSeconds(3);

    final ChaosServer server;
    final ConnectionGauge shared;

    private final SoakPlan plan;
    private final SoakClient client;
    private final SoakFindings findings;
    private final SoakAuthority authority;
    private final List<ChaosListener> listeners = new ArrayList<>();
    private final List<ConnectionGauge> totals;

    SoakEnvironment(SoakPlan plan, SoakClient client, SoakFindings findings) throws Exception {
        this.plan = plan;
        this.client = client;
        this.findings = findings;
        shared = new ConnectionGauge("budget", plan.budget());
        totals = List.of(
                new ConnectionGauge("first manager", plan.maxOpen()),
                new ConnectionGauge("second manager", plan.maxOpen() / 2));
        authority = new SoakAuthority(addresses());
        for (int i = 0; i < addresses().size(); i++) {
            listeners.add(listenerAt(i));
        }
        server = new ChaosServer(new FaultChooser(plan.seed()), listeners, authority.server(), findings);
        server.start();
    }

    private List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 1; i <= plan.endpoints() + plan.endpoints() / 2; i++) {
            addresses.add("127.0.77." + i);
        }
        return addresses;
    }

    /**
     * Every third listener uses TLS, every fourth refuses at times. The last third belongs to the second manager, whose
     * connections are not shared. Of the first manager's, one third is of each kind.
     */
    private ChaosListener listenerAt(int index) throws IOException {
        boolean tls = index % 3 == 2;
        boolean flaky = index % 4 == 1;
        ConnectionGauge own = new ConnectionGauge("endpoint " + (index + 1), plan.maxOpenPerEndpoint());
        ConnectionGauge total = totals.get(index < plan.endpoints() ? 0 : 1);
        EndpointKind[] kinds = EndpointKind.values();
        EndpointKind kind =
                index < plan.endpoints() ? kinds[index * kinds.length / plan.endpoints()] : EndpointKind.LINE;
        return ChaosListener.at(kind, addresses().get(index), tls, flaky, List.of(own, total, shared));
    }

    /** Creates both managers. */
    List<ManagerUnderTest> open(Budget budget) throws Exception {
        List<ManagerUnderTest> managers = new ArrayList<>();
        for (ConnectionGauge total : totals) {
            NettyConnectorBuilder connector = NettyConnector.builder();
            for (EndpointKind kind : EndpointKind.values()) {
                connector.tls(kind.scheme(true), authority.client());
            }
            ManagerBuilder<Requests<CheckedExchange, String>> builder = ConnectionManager.builder(
                            connector.build(client.protocol(new SoakProtocol())))
                    .name(total.name())
                    .maxOpen(total.limit())
                    .maxOpenPerEndpoint(plan.maxOpenPerEndpoint())
                    .idleTimeout(plan.idleTimeout())
                    .maxLifetime(LIFETIME)
                    .dialTimeout(DIAL_TIMEOUT)
                    .dialBackOff(FIRST_BACK_OFF, LONGEST_BACK_OFF)
                    .budget(budget)
                    .listener(new ThrownErrorListener(findings));
            List<Endpoint> endpoints = listeners.stream()
                    .filter(listener -> listener.gauges.contains(total))
                    .map(listener -> listener.endpoint)
                    .toList();
            managers.add(new ManagerUnderTest(
                    client.manager(builder),
                    endpoints,
                    total.limit(),
                    plan.maxOpenPerEndpoint(),
                    total,
                    new OutcomeTally()));
        }
        return managers;
    }

    /** The gauges of these endpoints. */
    List<ConnectionGauge> gauges(List<Endpoint> endpoints) {
        return listeners.stream()
                .filter(listener -> endpoints.contains(listener.endpoint))
                .map(ChaosListener::gauge)
                .toList();
    }

    /** The high-water marks: of each manager, of the budget, and of the endpoint with the most. */
    List<String> highWater() {
        return server.ask(() -> {
            List<String> marks = new ArrayList<>();
            totals.forEach(total -> marks.add(total.toString()));
            marks.add("budget " + shared);
            ConnectionGauge fullest = listeners.get(0).gauge();
            for (ChaosListener listener : listeners) {
                fullest = listener.gauge().highest() > fullest.highest() ? listener.gauge() : fullest;
            }
            marks.add("endpoint " + fullest);
            marks.add(server.pipelined().name() + " " + server.pipelined());
            marks.add(server.streams().name() + " " + server.streams());
            return marks;
        });
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
