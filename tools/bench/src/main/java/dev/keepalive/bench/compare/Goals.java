package dev.keepalive.bench.compare;

import dev.keepalive.bench.compare.Goal.BestOf;
import dev.keepalive.bench.compare.Goal.Constant;
import dev.keepalive.bench.compare.Goal.Of;
import dev.keepalive.bench.compare.Goal.Pick;
import dev.keepalive.bench.compare.Goal.Plus;
import dev.keepalive.bench.contenders.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All goals. None is an absolute time: they are ratios within one run, and bytes, which no machine changes. */
final class Goals {
    private static final String OURS = "keepalive";
    private static final String NS = "ns";
    private static final String BYTES = "B";
    private static final double ONE_THREAD = 1.15;
    private static final double TWO_THREADS = 1.5;
    private static final double LOOPBACK = 1.1;
    private static final Pick ITSELF = new Constant(1);

    private Goals() {}

    /** Those of these workloads. */
    static List<Goal> of(List<String> workloads) {
        return Stream.of(
                        oneEndpoint(), twoThreads(), handOver(), manyEndpoints(), line(), memory(), endToEnd(), storm())
                .flatMap(List::stream)
                .filter(goal -> workloads.contains(goal.workload()))
                .toList();
    }

    private static List<Goal> oneEndpoint() {
        String one = "1 endpoint, 1 thread";
        return List.of(
                Goal.most("W1", "against the floor lock", ours(one, NS), floor(one), 1.2)
                        .noisy(ONE_THREAD),
                Goal.most("W1", "against the best of the same job", ours(one, NS), sameJob(one), 0.25)
                        .noisy(ONE_THREAD),
                Goal.most("W1", "bytes", ours(one, BYTES), ITSELF, 64.5),
                Goal.most(
                        "W1",
                        "bytes through the future, against without + 24",
                        new Of("keepalive-future", one, BYTES),
                        new Plus(ours(one, BYTES), 24.5),
                        1));
    }

    private static List<Goal> twoThreads() {
        String two = "1 endpoint, 2 threads";
        return List.of(
                Goal.most("W2", "against the best of the same job", ours(two, NS), sameJob(two), 0.2)
                        .noisy(TWO_THREADS),
                Goal.most("W2", "against the floor lock", ours(two, NS), floor(two), 0.5)
                        .noisy(TWO_THREADS));
    }

    private static List<Goal> manyEndpoints() {
        String few = "1000 endpoints, 1 thread";
        String both = "1000 endpoints, 2 threads";
        String many = "100000 endpoints, 1 thread";
        String free = "B, nobody waits for A";
        String crowded = "B, 100000 wait for A";
        Pick ancestor = new Of(Ancestor.NAME, Ancestor.CYCLE, NS);
        Pick crowdedAncestor = new Of(Ancestor.NAME, Ancestor.CROWDED, NS);
        return List.of(
                Goal.most("W4", "1,000 endpoints, against the best of the same job", ours(few, NS), sameJob(few), 0.25)
                        .noisy(ONE_THREAD),
                Goal.most("W4", "two threads, against the best of the same job", ours(both, NS), sameJob(both), 0.25)
                        .noisy(TWO_THREADS),
                Goal.most(
                                "W4",
                                "100,000 endpoints, against the best of the same job",
                                ours(many, NS),
                                sameJob(many),
                                0.25)
                        .noisy(ONE_THREAD),
                Goal.most("W4", "growth from 1,000 to 100,000 endpoints", ours(many, NS), ours(few, NS), 8)
                        .noisy(ONE_THREAD),
                Goal.most(
                                "W4",
                                "B with 100,000 waiting for A, against nobody waiting",
                                ours(crowded, NS),
                                ours(free, NS),
                                1.1)
                        .noisy(ONE_THREAD),
                Goal.most("W4", "against the ancestor", ours(free, NS), ancestor, 1 / 1e3),
                Goal.most(
                        "W4", "against the ancestor with 10,000 waiting", ours(crowded, NS), crowdedAncestor, 1 / 1e5));
    }

    private static List<Goal> handOver() {
        String parked = "to a parked thread";
        String blocking = "keepalive-blocking";
        return List.of(
                Goal.most("W3", "p50 against park and unpark", new Of(blocking, parked, "x park p50"), ITSELF, 1.1)
                        .noisy(TWO_THREADS),
                Goal.most("W3", "p99 against park and unpark", new Of(blocking, parked, "x park p99"), ITSELF, 1.3)
                        .noisy(TWO_THREADS),
                Goal.most(
                        "W3",
                        "longest wait without a pause, us",
                        new Of(blocking, "without a pause", "us longest wait"),
                        ITSELF,
                        5_000));
    }

    private static List<Goal> line() {
        String some = "1,000 waiters";
        String many = "100,000 waiters";
        String withdraw = "ns to withdraw";
        String deadline = " with timeout";
        String vertx = "vertx-on-loop";
        return List.of(
                Goal.most("W5", "serve one and queue one, against Vert.x", ours(many, NS), new Of(vertx, many, NS), 0.5)
                        .noisy(ONE_THREAD),
                Goal.most("W5", "growth from 1,000 to 1,000,000", ours("1,000,000 waiters", "x of 1000"), ITSELF, 1.2)
                        .noisy(ONE_THREAD),
                Goal.most("W5", "withdraw, against Vert.x", ours(many, withdraw), new Of(vertx, many, withdraw), 0.75)
                        .noisy(ONE_THREAD),
                Goal.most(
                                "W5",
                                "withdraw from 100,000, against from 1,000",
                                ours(many, withdraw),
                                ours(some, withdraw),
                                1.2)
                        .noisy(ONE_THREAD),
                Goal.most("W5", "bytes left by a withdrawn waiter", ours("withdrawn" + deadline, "B left"), ITSELF, 1),
                Goal.most("W5", "bytes per waiter", ours("memory" + deadline, "B per waiter"), ITSELF, 96.5),
                Goal.most("W5", "what a deadline costs", ours(many + deadline, NS), ours(many, NS), 1.3)
                        .noisy(ONE_THREAD));
    }

    private static List<Goal> memory() {
        return List.of(
                Goal.most("W6", "bytes per idle connection", ours("idle connection", BYTES), ITSELF, 160.5),
                Goal.most("W6", "bytes per endpoint", ours("endpoint", BYTES), ITSELF, 200.5),
                Goal.most(
                        "W6", "bytes per endpoint no longer used", ours("endpoint no longer used", BYTES), ITSELF, 1));
    }

    private static List<Goal> endToEnd() {
        String queueing = "64 clients on 8";
        String relative = "x raw";
        List<Goal> goals = new ArrayList<>();
        for (String clients : List.of("1 client", "8 clients", "64 clients")) {
            goals.add(Goal.least("W7", clients + ", requests against raw", ours(clients, relative), ITSELF, 0.97)
                    .noisy(LOOPBACK));
            goals.add(
                    Goal.most("W7", clients + ", us of CPU over raw", ours(clients, "us CPU over raw"), ITSELF, 0.15));
            goals.add(Goal.most("W7", clients + ", bytes over raw", ours(clients, "B over raw"), ITSELF, 96));
        }
        goals.add(Goal.least(
                        "W7",
                        queueing + ", requests against the best of the same job",
                        ours(queueing, relative),
                        new BestOf(Kind.SAME_JOB, queueing, relative, true),
                        1)
                .noisy(LOOPBACK));
        goals.add(Goal.most("W7", queueing + ", p99 against p50", ours(queueing, "p99 / p50"), ITSELF, 3));
        return goals;
    }

    private static List<Goal> storm() {
        List<Goal> goals = new ArrayList<>();
        for (String beginning : List.of("storm", "cold start")) {
            goals.add(Goal.most("W8", beginning + ", time against the bound", ours(beginning, "x bound"), ITSELF, 1.2)
                    .noisy(LOOPBACK));
            goals.add(Goal.most("W8", beginning + ", most open of 128", ours(beginning, "most open"), ITSELF, 128));
        }
        return goals;
    }

    private static Pick ours(String setting, String unit) {
        return new Of(OURS, setting, unit);
    }

    private static Pick sameJob(String setting) {
        return new BestOf(Kind.SAME_JOB, setting, NS, false);
    }

    private static Pick floor(String setting) {
        return new Of("lock", setting, NS);
    }
}
