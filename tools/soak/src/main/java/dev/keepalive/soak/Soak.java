package dev.keepalive.soak;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs workers against two managers and a {@link ChaosServer}, in rounds: after each, all must come to rest, and
 * nothing may be lost. A short first round with managers of its own shows what the process needs without any; it must
 * need no more at the end.
 */
final class Soak {
    private static final long ROUND = TimeUnit.MINUTES.toNanos(1);
    private static final long SHORT_ROUND = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long COLLECTION = TimeUnit.SECONDS.toNanos(2);
    private static final int POLLS_PER_TIDE = 10;
    private static final int FORGOTTEN_AT_A_TIME = 2;

    private final Plan plan;
    private final Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker;
    private final Consumer<String> progress;
    private final Findings findings = new Findings();
    private final Glance glance = new Glance(findings);
    private final TimeSource time = TimeSource.system();
    private final Random random;

    /**
     * Prepares a soak.
     *
     * @param maker builds each manager, from what the plan says
     * @param progress is told a line now and then
     */
    Soak(
            Plan plan,
            Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker,
            Consumer<String> progress) {
        this.plan = plan;
        this.maker = maker;
        this.progress = progress;
        this.random = new Random(plan.seed());
    }

    /** Runs it to its end, or to the first finding. */
    Report run() throws Exception {
        try (Site site = new Site(plan, maker, findings);
                Crew crew = new Crew(plan.threads(), plan.seed(), site.server, findings)) {
            return new Course(site, crew).run();
        }
    }

    /** One run of it. */
    private final class Course {
        private final Site site;
        private final Crew crew;
        private final Quiescence quiescence;

        Course(Site site, Crew crew) {
            this.site = site;
            this.crew = crew;
            this.quiescence = new Quiescence(site.server, findings, plan.patience());
        }

        Report run() throws Exception {
            Budget budget = Budget.of(plan.budget());
            List<Client> first = site.open(budget);
            round(budget, first, () -> false, SHORT_ROUND);
            for (Client client : first) {
                close(client);
            }
            Footprint before = Footprint.now();
            List<Client> clients = site.open(budget);
            long worked = rounds(budget, clients);
            atEnd(() -> clients.forEach(quiescence::empty));
            for (Client client : clients) {
                atEnd(() -> quiescence.full(client));
            }
            atEnd(() -> quiescence.full(budget, clients.get(0), clients.get(1)));
            close(clients.get(0));
            drain(clients.get(1));
            atEnd(() -> quiescence.agree(budget, clients));
            atEnd(() -> quiescence.footprint(before));
            Tally tally =
                    Tally.sum(clients.stream().map(client -> client.tally()).toList());
            return new Report(Duration.ofNanos(worked), tally, site.server.faults(), site.highWater(), findings.list());
        }

        /** Round after round; returns how long the workers worked. */
        private long rounds(Budget budget, List<Client> clients) throws Exception {
            long worked = 0;
            while (findings.isEmpty() && (worked < plan.length().toNanos() || !isEnough(clients))) {
                long left = plan.length().toNanos() - worked;
                BooleanSupplier over = () -> plan.length().isZero() && isEnough(clients);
                worked += round(budget, clients, over, left <= 0 ? ROUND : Math.min(ROUND, left));
                progress.accept(describe(worked, clients));
            }
            return worked;
        }

        private boolean isEnough(List<Client> clients) {
            return clients.stream().allMatch(client -> client.tally().of(Count.STARTED) >= plan.acquires())
                    && site.server.faults().values().stream().allMatch(times -> times >= plan.ofEachFault());
        }

        /** Work for so long at most, and the check that all comes to rest. */
        private long round(Budget budget, List<Client> clients, BooleanSupplier over, long length) throws Exception {
            List<Tuner> tuners = clients.stream()
                    .filter(client -> plan.liveLimits())
                    .map(client -> new Tuner(random, client, site, findings))
                    .toList();
            long begun = time.nanoTime();
            Crew.Shift shift = begin(clients);
            long collected = begun;
            while (findings.isEmpty() && time.nanoTime() - begun < length && !over.getAsBoolean()) {
                LockSupport.parkNanos(POLL);
                clients.forEach(glance::at);
                tuners.forEach(Tuner::turn);
                if (random.nextInt(POLLS_PER_TIDE) == 0) {
                    shift.setPresent(1 + random.nextInt(crew.size()));
                }
                if (time.nanoTime() - collected > COLLECTION) {
                    collected = time.nanoTime();
                    System.gc();
                    crew.setMayForget(FORGOTTEN_AT_A_TIME);
                }
            }
            long worked = time.nanoTime() - begun;
            end(shift);
            tuners.forEach(Tuner::raise);
            atEnd(() -> clients.forEach(quiescence::settled));
            atEnd(() -> quiescence.agree(budget, clients));
            return worked;
        }

        private Crew.Shift begin(List<Client> clients) {
            site.server.setPeaceful(false);
            crew.setMayForget(FORGOTTEN_AT_A_TIME);
            return crew.begin(clients);
        }

        private void end(Crew.Shift shift) throws InterruptedException {
            shift.end();
            site.server.setPeaceful(true);
        }

        private void close(Client client) throws Exception {
            client.manager().close();
            atEnd(() -> quiescence.closed(client));
        }

        /** In the midst of work: what has been begun is not cut short. */
        private void drain(Client client) throws Exception {
            Crew.Shift shift = begin(List.of(client));
            LockSupport.parkNanos(findings.isEmpty() ? SHORT_ROUND : 0);
            CompletableFuture<Boolean> drained =
                    client.manager().drain(plan.patience()).toCompletableFuture();
            LockSupport.parkNanos(POLL);
            end(shift);
            atEnd(() -> quiescence.drained(client, drained));
            client.manager().close();
        }

        private String describe(long worked, List<Client> clients) throws IOException {
            StringBuilder text = new StringBuilder();
            text.append(TimeUnit.NANOSECONDS.toSeconds(worked)).append(" s");
            for (Client client : clients) {
                text.append("; ")
                        .append(client.tally().of(Count.STARTED))
                        .append(" acquires, ")
                        .append(client.tally().of(Count.ANSWERED))
                        .append(" exchanges, ")
                        .append(client.manager().snapshot().totals());
            }
            return text.append("; ").append(Footprint.now()).toString();
        }
    }

    /** A check that is of no use once something has been found. */
    private void atEnd(Check check) throws Exception {
        if (findings.isEmpty()) {
            check.run();
        }
    }

    private interface Check {
        void run() throws Exception;
    }
}
