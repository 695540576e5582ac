package dev.keepalive.soak;

import dev.keepalive.Budget;
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

/**
 * Runs workers against two managers and a {@link ChaosServer}, in rounds. After each round everything must come to rest
 * and nothing may be lost. A short first round, with managers of its own, measures what the process needs; at the end
 * it must need no more.
 */
final class Soak {
    private static final long ROUND = TimeUnit.MINUTES.toNanos(1);
    private static final long SHORT_ROUND = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long COLLECTION = TimeUnit.SECONDS.toNanos(2);
    private static final int POLLS_PER_SHIFT_CHANGE = 10;
    private static final int LEAKS_AT_A_TIME = 2;

    private final SoakPlan plan;
    private final SoakClient client;
    private final Consumer<String> progress;
    private final SoakFindings findings = new SoakFindings();
    private final SnapshotCheck snapshotCheck = new SnapshotCheck(findings);
    private final TimeSource time = TimeSource.system();
    private final Random random;

    /**
     * Prepares a soak.
     *
     * @param client makes what is tested
     * @param progress receives a line now and then
     */
    Soak(SoakPlan plan, SoakClient client, Consumer<String> progress) {
        this.plan = plan;
        this.client = client;
        this.progress = progress;
        this.random = new Random(plan.seed());
    }

    /** Runs to the end, or to the first finding. */
    SoakReport run() throws Exception {
        try (SoakEnvironment environment = new SoakEnvironment(plan, client, findings);
                WorkerGroup workers = new WorkerGroup(plan.threads(), plan.seed(), environment.server, findings)) {
            return new Execution(environment, workers).run();
        }
    }

    /** One run of the soak. */
    private final class Execution {
        private final SoakEnvironment environment;
        private final WorkerGroup workers;
        private final QuietManagerCheck quietCheck;

        Execution(SoakEnvironment environment, WorkerGroup workers) {
            this.environment = environment;
            this.workers = workers;
            this.quietCheck = new QuietManagerCheck(environment.server, findings, plan.patience());
        }

        SoakReport run() throws Exception {
            Budget budget = Budget.of(plan.budget());
            List<ManagerUnderTest> first = environment.open(budget);
            round(budget, first, () -> false, SHORT_ROUND);
            for (ManagerUnderTest tested : first) {
                close(tested);
            }
            ProcessFootprint before = ProcessFootprint.now();
            List<ManagerUnderTest> managers = environment.open(budget);
            long worked = rounds(budget, managers);
            unlessFound(() -> managers.forEach(quietCheck::empty));
            for (ManagerUnderTest tested : managers) {
                unlessFound(() -> quietCheck.full(tested));
            }
            unlessFound(() -> quietCheck.full(budget, managers.get(0), managers.get(1)));
            close(managers.get(1));
            drain(managers.get(0));
            unlessFound(() -> quietCheck.agree(budget, managers));
            unlessFound(() -> quietCheck.footprint(before));
            OutcomeTally tally = OutcomeTally.sum(
                    managers.stream().map(tested -> tested.tally()).toList());
            return new SoakReport(
                    Duration.ofNanos(worked),
                    tally,
                    environment.server.faults(),
                    environment.highWater(),
                    findings.list());
        }

        /** Runs rounds until the plan is fulfilled; returns how long the workers worked. */
        private long rounds(Budget budget, List<ManagerUnderTest> managers) throws Exception {
            long worked = 0;
            while (findings.isEmpty() && (worked < plan.length().toNanos() || !isEnough(managers))) {
                long left = plan.length().toNanos() - worked;
                BooleanSupplier over = () -> plan.length().isZero() && isEnough(managers);
                worked += round(budget, managers, over, left <= 0 ? ROUND : Math.min(ROUND, left));
                progress.accept(describe(worked, managers));
            }
            return worked;
        }

        private boolean isEnough(List<ManagerUnderTest> managers) {
            return managers.stream().allMatch(tested -> tested.tally().of(WorkerCount.STARTED) >= plan.acquires())
                    && environment.server.faults().values().stream().allMatch(times -> times >= plan.ofEachFault());
        }

        /** One round of at most this length, and the check that everything comes to rest. */
        private long round(Budget budget, List<ManagerUnderTest> managers, BooleanSupplier over, long length)
                throws Exception {
            List<LimitTuner> tuners = managers.stream()
                    .filter(tested -> plan.liveLimits())
                    .map(tested -> new LimitTuner(random, tested, environment, findings))
                    .toList();
            long begun = time.nanoTime();
            WorkerGroup.Shift shift = begin(managers);
            long collected = begun;
            while (findings.isEmpty() && time.nanoTime() - begun < length && !over.getAsBoolean()) {
                LockSupport.parkNanos(POLL);
                managers.forEach(snapshotCheck::check);
                tuners.forEach(LimitTuner::step);
                if (random.nextInt(POLLS_PER_SHIFT_CHANGE) == 0) {
                    shift.setPresent(1 + random.nextInt(workers.size()));
                }
                if (time.nanoTime() - collected > COLLECTION) {
                    collected = time.nanoTime();
                    System.gc();
                    workers.allowLeaks(LEAKS_AT_A_TIME);
                }
            }
            long worked = time.nanoTime() - begun;
            end(shift);
            tuners.forEach(LimitTuner::raise);
            unlessFound(() -> managers.forEach(quietCheck::settled));
            unlessFound(() -> quietCheck.agree(budget, managers));
            return worked;
        }

        private WorkerGroup.Shift begin(List<ManagerUnderTest> managers) {
            environment.server.setPeaceful(false);
            workers.allowLeaks(LEAKS_AT_A_TIME);
            return workers.begin(managers);
        }

        private void end(WorkerGroup.Shift shift) throws InterruptedException {
            shift.end();
            environment.server.setPeaceful(true);
        }

        private void close(ManagerUnderTest tested) throws Exception {
            tested.manager().close();
            unlessFound(() -> quietCheck.closed(tested));
        }

        /** Drains the manager while the workers work: no lease may be cut short. */
        private void drain(ManagerUnderTest tested) throws Exception {
            WorkerGroup.Shift shift = begin(List.of(tested));
            LockSupport.parkNanos(findings.isEmpty() ? SHORT_ROUND : 0);
            CompletableFuture<Boolean> drained =
                    tested.manager().drain(plan.patience()).toCompletableFuture();
            LockSupport.parkNanos(POLL);
            end(shift);
            unlessFound(() -> quietCheck.drained(tested, drained));
            tested.manager().close();
        }

        private String describe(long worked, List<ManagerUnderTest> managers) throws IOException {
            StringBuilder text = new StringBuilder();
            text.append(TimeUnit.NANOSECONDS.toSeconds(worked)).append(" s");
            for (ManagerUnderTest tested : managers) {
                text.append("; ")
                        .append(tested.tally().of(WorkerCount.STARTED))
                        .append(" acquires, ")
                        .append(tested.tally().of(WorkerCount.ANSWERED))
                        .append(" exchanges, ")
                        .append(tested.manager().snapshot().totals());
            }
            return text.append("; ").append(ProcessFootprint.now()).toString();
        }
    }

    /** Runs a check, unless something has already been found. */
    private void unlessFound(LateCheck check) throws Exception {
        if (findings.isEmpty()) {
            check.run();
        }
    }

    private interface LateCheck {
        void run() throws Exception;
    }
}
