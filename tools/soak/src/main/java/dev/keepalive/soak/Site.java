package dev.keepalive.soak;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Where a soak takes place: a chaos server with many doors, and two managers, each with doors of its own, that share a
 * budget which is too small for both.
 */
final class Site implements AutoCloseable {
    private static final String CLEAR = "line";
    private static final String TLS = "lines";
    private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(20);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMillis(200);
    private static final Duration LIFETIME = Duration.ofSeconds(3);

    final ChaosServer server;
    final Gauge shared;

    private final Plan plan;
    private final Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker;
    private final Findings findings;
    private final Authority authority;
    private final List<Door> doors = new ArrayList<>();
    private final List<Gauge> totals;

    /** @param maker builds each manager, from what the plan says */
    Site(
            Plan plan,
            Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker,
            Findings findings)
            throws Exception {
        this.plan = plan;
        this.maker = maker;
        this.findings = findings;
        shared = new Gauge("budget", plan.budget());
        totals = List.of(new Gauge("first manager", plan.maxOpen()), new Gauge("second manager", plan.maxOpen() / 2));
        authority = new Authority(addresses());
        for (int i = 0; i < addresses().size(); i++) {
            doors.add(door(i));
        }
        server = new ChaosServer(new Mischief(plan.seed()), doors, authority.server(), findings);
        server.start();
    }

    private List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 1; i <= plan.endpoints() + plan.endpoints() / 2; i++) {
            addresses.add("127.0.77." + i);
        }
        return addresses;
    }

    /** Every third speaks TLS, every fourth refuses at times; the last third of all is the second manager's. */
    private Door door(int index) throws IOException {
        boolean tls = index % 3 == 2;
        boolean flaky = index % 4 == 1;
        Gauge own = new Gauge("endpoint " + (index + 1), plan.maxOpenPerEndpoint());
        Gauge total = totals.get(index < plan.endpoints() ? 0 : 1);
        return Door.at(tls ? TLS : CLEAR, addresses().get(index), tls, flaky, List.of(own, total, shared));
    }

    /** New managers, with a new budget. */
    List<Client> open(Budget budget) throws Exception {
        List<Client> clients = new ArrayList<>();
        for (Gauge total : totals) {
            NettyConnector connector =
                    NettyConnector.builder().tls(TLS, authority.client()).build();
            ManagerBuilder<NettyConnection> builder = ConnectionManager.builder(connector)
                    .name(total.name())
                    .maxOpen(total.limit())
                    .maxOpenPerEndpoint(plan.maxOpenPerEndpoint())
                    .idleTimeout(plan.idleTimeout())
                    .maxLifetime(LIFETIME)
                    .dialTimeout(DIAL_TIMEOUT)
                    .dialBackOff(FIRST_BACK_OFF, LONGEST_BACK_OFF)
                    .budget(budget)
                    .listener(new Watcher(findings));
            List<Endpoint> endpoints = doors.stream()
                    .filter(door -> door.gauges.contains(total))
                    .map(door -> door.endpoint)
                    .toList();
            clients.add(new Client(
                    maker.apply(builder), endpoints, total.limit(), plan.maxOpenPerEndpoint(), total, new Tally()));
        }
        return clients;
    }

    /** The gauges of these endpoints alone. */
    List<Gauge> gauges(List<Endpoint> endpoints) {
        return doors.stream()
                .filter(door -> endpoints.contains(door.endpoint))
                .map(Door::gauge)
                .toList();
    }

    /** The high-water marks: of each manager, of the budget, and of the endpoint that had the most. */
    List<String> highWater() {
        return server.ask(() -> {
            List<String> marks = new ArrayList<>();
            totals.forEach(total -> marks.add(total.toString()));
            marks.add("budget " + shared);
            Gauge fullest = doors.get(0).gauge();
            for (Door door : doors) {
                fullest = door.gauge().highest() > fullest.highest() ? door.gauge() : fullest;
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
