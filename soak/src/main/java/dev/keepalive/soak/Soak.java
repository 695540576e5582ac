package dev.keepalive.soak;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs workers against a manager and a {@link ChaosServer}, in rounds: after each, all must come to rest, and nothing may be lost. A short first
 * round with a manager of its own shows what the process needs without one; it must need no more at the end.
 */
final class Soak {
    private static final long ROUND = TimeUnit.MINUTES.toNanos(1);
    private static final long WARM_UP = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long COLLECTION = TimeUnit.SECONDS.toNanos(5);
    private static final int POLLS_PER_TIDE = 10;
    private static final int FORGOTTEN_AT_A_TIME = 4;
    private static final String CLEAR = "line";
    private static final String TLS = "lines";

    private final Plan plan;
    private final Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker;
    private final Consumer<String> progress;
    private final Findings findings = new Findings();
    private final TimeSource time = TimeSource.system();
    private final Random tide;
    private final Authority authority;
    private final Gauge total;
    private final List<Door> doors = new ArrayList<>();
    private final ChaosServer server;
    private final Quiescence quiescence;
    private final Glance glance = new Glance(findings);

    /**
     * Prepares a soak.
     *
     * @param maker builds each manager, from what the plan says
     * @param progress is told a line now and then
     */
    Soak(
            Plan plan,
            Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker,
            Consumer<String> progress)
            throws Exception {
        this.plan = plan;
        this.maker = maker;
        this.progress = progress;
        this.tide = new Random(plan.seed());
        List<String> addresses = new ArrayList<>();
        for (int i = 1; i <= plan.endpoints(); i++) {
            addresses.add("127.0.77." + i);
        }
        authority = new Authority(addresses);
        total = new Gauge("all", plan.maxOpen());
        for (int i = 0; i < addresses.size(); i++) {
            boolean tls = i % 3 == 2;
            boolean flaky = i % 4 == 1;
            Gauge own = new Gauge("endpoint " + (i + 1), plan.maxOpenPerEndpoint());
            doors.add(Door.at(tls ? TLS : CLEAR, addresses.get(i), tls, flaky, List.of(own, total)));
        }
        server = new ChaosServer(new Mischief(plan.seed()), doors, authority.server(), findings);
        quiescence = new Quiescence(server, findings, plan.patience());
    }

    /** Runs it to its end, or to the first finding. */
    Report run() throws Exception {
        server.start();
        Crew crew = new Crew(plan.threads(), plan.seed(), server, findings);
        try {
            Client first = client();
            round(crew, first, () -> false, WARM_UP);
            end(first);
            Footprint before = Footprint.now();
            Client client = client();
            long worked = soak(crew, client);
            if (findings.isEmpty()) {
                quiescence.empty(client);
            }
            if (findings.isEmpty()) {
                quiescence.full(client);
            }
            Totals totals = client.manager().snapshot().totals();
            end(client);
            if (findings.isEmpty()) {
                quiescence.footprint(before);
            }
            return report(worked, client, totals);
        } finally {
            crew.close();
            server.close();
        }
    }

    /** Round after round; returns how long the workers worked. */
    private long soak(Crew crew, Client client) throws Exception {
        long worked = 0;
        while (findings.isEmpty() && (worked < plan.length().toNanos() || !isEnough(client))) {
            long left = plan.length().toNanos() - worked;
            worked += round(crew, client, () -> isEnough(client), left <= 0 ? ROUND : Math.min(ROUND, left));
            progress.accept(describe(worked, client));
        }
        return worked;
    }

    private boolean isEnough(Client client) {
        return client.tally().of(Count.STARTED) >= plan.acquires()
                && server.faults().values().stream().allMatch(times -> times >= plan.ofEachFault());
    }

    /** Work for so long, or until it is enough if the plan has no length; and the check that all comes to rest. */
    private long round(Crew crew, Client client, BooleanSupplier enough, long length) throws Exception {
        server.setPeaceful(false);
        long begun = time.nanoTime();
        long collected = begun;
        boolean openEnded = plan.length().isZero();
        crew.setMayForget(FORGOTTEN_AT_A_TIME);
        Crew.Shift shift = crew.begin(List.of(client));
        while (findings.isEmpty() && time.nanoTime() - begun < length && !(openEnded && enough.getAsBoolean())) {
            LockSupport.parkNanos(POLL);
            glance.at(client);
            if (tide.nextInt(POLLS_PER_TIDE) == 0) {
                shift.setPresent(1 + tide.nextInt(crew.size()));
            }
            if (time.nanoTime() - collected > COLLECTION) {
                collected = time.nanoTime();
                System.gc();
                crew.setMayForget(FORGOTTEN_AT_A_TIME);
            }
        }
        long worked = time.nanoTime() - begun;
        shift.end();
        server.setPeaceful(true);
        if (findings.isEmpty()) {
            quiescence.settled(client);
        }
        return worked;
    }

    private Client client() throws Exception {
        NettyConnector connector =
                NettyConnector.builder().tls(TLS, authority.client()).build();
        ManagerBuilder<NettyConnection> builder = ConnectionManager.builder(connector)
                .name("soak")
                .maxOpen(plan.maxOpen())
                .maxOpenPerEndpoint(plan.maxOpenPerEndpoint())
                .idleTimeout(plan.idleTimeout())
                .dialTimeout(Duration.ofMillis(500))
                .listener(new Watcher(findings));
        List<Endpoint> endpoints = doors.stream().map(door -> door.endpoint).toList();
        return new Client(maker.apply(builder), endpoints, plan.maxOpen(), plan.maxOpenPerEndpoint(), new Tally());
    }

    private void end(Client client) throws InterruptedException {
        client.manager().close();
        if (findings.isEmpty()) {
            quiescence.closed(client);
        }
    }

    private String describe(long worked, Client client) throws IOException {
        Snapshot snapshot = client.manager().snapshot();
        return TimeUnit.NANOSECONDS.toSeconds(worked) + " s: " + client.tally().of(Count.STARTED) + " acquires, "
                + client.tally().of(Count.ANSWERED) + " exchanges, " + snapshot.totals() + ", " + Footprint.now();
    }

    private Report report(long worked, Client client, Totals totals) {
        List<String> highWater = server.ask(() -> {
            Gauge fullest = doors.get(0).gauge();
            for (Door door : doors) {
                fullest = door.gauge().highest() > fullest.highest() ? door.gauge() : fullest;
            }
            return List.of(total.toString(), fullest.toString());
        });
        return new Report(
                Duration.ofNanos(worked), client.tally(), totals, server.faults(), highWater, findings.list());
    }
}
