package dev.keepalive.soak;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.Requests;
import dev.keepalive.spi.Connector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The environment of a soak: a chaos server with many listeners, and two managers, each with listeners of its own. They
 * share a budget that is too small for both.
 */
final class SoakEnvironment implements AutoCloseable {
    private static final String CLEAR = "line";
    private static final String TLS = "lines";
    private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(20);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMillis(200);
    private static final Duration LIFETIME = Duration.ofSeconds(3);

    final ChaosServer server;
    final ConnectionGauge shared;

    private final SoakPlan plan;
    private final Function<
                    ManagerBuilder<Requests<CheckedExchange, String>>,
                    ConnectionManager<Requests<CheckedExchange, String>>>
            maker;
    private final SoakFindings findings;
    private final SoakAuthority authority;
    private final List<ChaosListener> listeners = new ArrayList<>();
    private final List<ConnectionGauge> totals;

    /** @param maker builds each manager from a builder that the plan has configured */
    SoakEnvironment(
            SoakPlan plan,
            Function<
                            ManagerBuilder<Requests<CheckedExchange, String>>,
                            ConnectionManager<Requests<CheckedExchange, String>>>
                    maker,
            SoakFindings findings)
            throws Exception {
        this.plan = plan;
        this.maker = maker;
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

    /** Every third listener uses TLS, every fourth refuses at times. The last third belongs to the second manager. */
    private ChaosListener listenerAt(int index) throws IOException {
        boolean tls = index % 3 == 2;
        boolean flaky = index % 4 == 1;
        ConnectionGauge own = new ConnectionGauge("endpoint " + (index + 1), plan.maxOpenPerEndpoint());
        ConnectionGauge total = totals.get(index < plan.endpoints() ? 0 : 1);
        return ChaosListener.at(tls ? TLS : CLEAR, addresses().get(index), tls, flaky, List.of(own, total, shared));
    }

    /** Creates both managers. */
    List<ManagerUnderTest> open(Budget budget) throws Exception {
        List<ManagerUnderTest> managers = new ArrayList<>();
        for (ConnectionGauge total : totals) {
            Connector<Requests<CheckedExchange, String>> connector =
                    NettyConnector.builder().tls(TLS, authority.client()).build(CheckedExchange.PROTOCOL);
            ManagerBuilder<Requests<CheckedExchange, String>> builder = ConnectionManager.builder(connector)
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
                    maker.apply(builder),
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
            return marks;
        });
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
