package dev.keepalive.bench.compare;

import dev.keepalive.bench.compare.Goal.BestFigure;
import dev.keepalive.bench.compare.Goal.ConstantValue;
import dev.keepalive.bench.compare.Goal.FigureSource;
import dev.keepalive.bench.compare.Goal.OffsetFigure;
import dev.keepalive.bench.compare.Goal.SingleFigure;
import dev.keepalive.bench.contenders.ContenderKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All goals. None is an absolute time: they are ratios within one run, and bytes, which are the same on every host. */
final class GoalList {
    private static final String ON_LOOP = "keepalive-on-loop";
    private static final String OURS = "keepalive";
    private static final String NS = "ns";
    private static final String BYTES = "B";
    private static final double ONE_THREAD = 1.15;
    private static final double TWO_THREADS = 1.5;
    private static final double LOOPBACK = 1.1;
    private static final String RELATIVE = "x raw";
    private static final String CODEC = "x raw-codec";
    private static final String BYTES_OVER_RAW = "B over raw";
    private static final FigureSource ITSELF = new ConstantValue(1);

    private GoalList() {}

    /** The goals of these workloads. */
    static List<Goal> of(List<String> workloads) {
        return Stream.of(
                        oneEndpoint(),
                        twoThreads(),
                        handoff(),
                        manyEndpoints(),
                        waitQueue(),
                        memory(),
                        endToEnd(),
                        storm(),
                        http(),
                        redis(),
                        httpClients())
                .flatMap(List::stream)
                .filter(goal -> workloads.contains(goal.workload()))
                .toList();
    }

    private static List<Goal> oneEndpoint() {
        String one = "1 endpoint, 1 thread";
        return List.of(
                Goal.atMost("W1", "against the floor lock", ours(one, NS), floor(one), 1.2)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W1", "against the best of the same job", ours(one, NS), sameJob(one), 0.25)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W1", "bytes", ours(one, BYTES), ITSELF, 64.5),
                Goal.atMost(
                        "W1",
                        "bytes through the future, against without + 24",
                        new SingleFigure("keepalive-future", one, BYTES),
                        new OffsetFigure(ours(one, BYTES), 24.5),
                        1));
    }

    private static List<Goal> twoThreads() {
        String two = "1 endpoint, 2 threads";
        return List.of(
                Goal.atMost("W2", "against the best of the same job", ours(two, NS), sameJob(two), 0.2)
                        .withNoise(TWO_THREADS),
                Goal.atMost("W2", "against the floor lock", ours(two, NS), floor(two), 0.5)
                        .withNoise(TWO_THREADS));
    }

    private static List<Goal> manyEndpoints() {
        String few = "1000 endpoints, 1 thread";
        String both = "1000 endpoints, 2 threads";
        String many = "100000 endpoints, 1 thread";
        String free = "B, nobody waits for A";
        String crowded = "B, 100000 wait for A";
        FigureSource perl = new SingleFigure(PerlContender.NAME, PerlContender.CYCLE, NS);
        FigureSource crowdedPerl = new SingleFigure(PerlContender.NAME, PerlContender.CROWDED, NS);
        return List.of(
                Goal.atMost(
                                "W4",
                                "1,000 endpoints, against the best of the same job",
                                ours(few, NS),
                                sameJob(few),
                                0.25)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W4", "two threads, against the best of the same job", ours(both, NS), sameJob(both), 0.25)
                        .withNoise(TWO_THREADS),
                Goal.atMost(
                                "W4",
                                "100,000 endpoints, against the best of the same job",
                                ours(many, NS),
                                sameJob(many),
                                0.25)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W4", "growth from 1,000 to 100,000 endpoints", ours(many, NS), ours(few, NS), 8)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W4", "B with 100,000 waiters for A, against none", ours(crowded, NS), ours(free, NS), 1.1)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W4", "against the ancestor", ours(free, NS), perl, 1 / 1e3),
                Goal.atMost("W4", "against the ancestor with 10,000 waiting", ours(crowded, NS), crowdedPerl, 1 / 1e5));
    }

    private static List<Goal> handoff() {
        String parked = "to a parked thread";
        String blocking = "keepalive-blocking";
        return List.of(
                Goal.atMost(
                                "W3",
                                "p50 against park and unpark",
                                new SingleFigure(blocking, parked, "x park p50"),
                                ITSELF,
                                1.1)
                        .withNoise(TWO_THREADS),
                Goal.atMost(
                                "W3",
                                "p99 against park and unpark",
                                new SingleFigure(blocking, parked, "x park p99"),
                                ITSELF,
                                1.3)
                        .withNoise(TWO_THREADS),
                Goal.atMost(
                        "W3",
                        "longest wait without a pause, us",
                        new SingleFigure(blocking, "without a pause", "us longest wait"),
                        ITSELF,
                        5_000));
    }

    private static List<Goal> waitQueue() {
        String some = "1,000 waiters";
        String many = "100,000 waiters";
        String withdraw = "ns to withdraw";
        String deadline = " with timeout";
        return List.of(
                Goal.atMost("W5", "serve one and queue one, against Vert.x", ours(many, NS), vertx(many, NS), 0.5)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W5", "growth from 1,000 to 1,000,000", ours("1,000,000 waiters", "x of 1000"), ITSELF, 1.2)
                        .withNoise(ONE_THREAD),
                Goal.atMost("W5", "withdraw, against Vert.x", ours(many, withdraw), vertx(many, withdraw), 0.75)
                        .withNoise(ONE_THREAD),
                Goal.atMost(
                                "W5",
                                "withdraw from 100,000, against from 1,000",
                                ours(many, withdraw),
                                ours(some, withdraw),
                                1.2)
                        .withNoise(ONE_THREAD),
                Goal.atMost(
                        "W5", "bytes left by a withdrawn waiter", ours("withdrawn" + deadline, "B left"), ITSELF, 1),
                Goal.atMost("W5", "bytes per waiter", ours("memory" + deadline, "B per waiter"), ITSELF, 96.5),
                Goal.atMost(
                                "W5",
                                "time with a deadline, against without",
                                ours(many + deadline, NS),
                                ours(many, NS),
                                1.3)
                        .withNoise(ONE_THREAD));
    }

    private static List<Goal> memory() {
        return List.of(
                Goal.atMost("W6", "bytes per idle connection", ours("idle connection", BYTES), ITSELF, 160.5),
                Goal.atMost("W6", "bytes per endpoint", ours("endpoint", BYTES), ITSELF, 200.5),
                Goal.atMost(
                        "W6", "bytes per endpoint no longer used", ours("endpoint no longer used", BYTES), ITSELF, 1));
    }

    private static List<Goal> endToEnd() {
        String queueing = "64 clients on 8";
        List<Goal> goals = new ArrayList<>();
        for (String clients : List.of("1 client", "8 clients", "64 clients", "8 clients, TLS")) {
            goals.addAll(likeRaw("W7", clients));
        }
        goals.add(againstSameJob("W7", queueing));
        goals.add(Goal.atMost("W7", queueing + ", bytes over raw", ours(queueing, BYTES_OVER_RAW), ITSELF, 260));
        goals.add(Goal.atMost("W7", queueing + ", p99 against p50", ours(queueing, "p99 / p50"), ITSELF, 3));
        String threads = "8 platform threads";
        goals.add(Goal.atLeast("W7", threads + ", requests against raw", ours(threads, RELATIVE), ITSELF, 0.95)
                .withNoise(LOOPBACK));
        return goals;
    }

    /** What a request costs on a channel that no client waits for. */
    private static List<Goal> likeRaw(String workload, String clients) {
        return List.of(
                Goal.atLeast(workload, clients + ", requests against raw", ours(clients, RELATIVE), ITSELF, 0.92)
                        .withNoise(LOOPBACK),
                Goal.atMost(
                        workload,
                        clients + ", us of the loop's CPU over raw",
                        ours(clients, "us loop over raw"),
                        ITSELF,
                        0.6),
                Goal.atMost(workload, clients + ", bytes over raw", ours(clients, BYTES_OVER_RAW), ITSELF, 128));
    }

    private static Goal againstSameJob(String workload, String setting) {
        return Goal.atLeast(
                        workload,
                        setting + ", requests against the best of the same job",
                        ours(setting, RELATIVE),
                        new BestFigure(ContenderKind.SAME_JOB, setting, RELATIVE, true),
                        1)
                .withNoise(LOOPBACK);
    }

    private static List<Goal> http() {
        String clients = "8 clients";
        List<Goal> goals = new ArrayList<>(likeRaw("W9", clients));
        goals.add(againstSameJob("W9", clients));
        return goals;
    }

    private static List<Goal> redis() {
        FigureSource pipelined = new SingleFigure("keepalive-pipelined", "64 threads, one connection", "x lettuce");
        return List.of(
                Goal.atLeast("W10", "commands against Jedis", ours("64 threads", "x jedis"), ITSELF, 1)
                        .withNoise(LOOPBACK),
                Goal.atLeast("W10", "commands on one connection against Lettuce", pipelined, ITSELF, 1)
                        .withNoise(LOOPBACK));
    }

    private static List<Goal> httpClients() {
        List<Goal> goals = new ArrayList<>();
        for (String protocol : List.of("h1", "h2")) {
            for (String load : List.of("100 B, 8 clients", "64 KiB, 8 clients", "100 B, 8 threads")) {
                goals.add(againstOtherClients(protocol + ", " + load, "", OURS));
                if (load.endsWith("clients")) {
                    goals.add(againstOtherClients(protocol + ", " + load, " on the loop", ON_LOOP));
                }
            }
            String cold = protocol + ", cold start";
            goals.add(Goal.atMost(
                            "W11",
                            cold + ", p99 against the best of the same job",
                            ours(cold, "ms p99"),
                            new BestFigure(ContenderKind.SAME_JOB, cold, "ms p99", false),
                            1)
                    .withNoise(TWO_THREADS));
            goals.add(Goal.atMost("W11", cold + ", connections", ours(cold, "connections"), ITSELF, 128));
        }
        // The codec calls back on the event loop.
        for (String load : List.of("h1, 100 B, 8 clients", "h1, 64 KiB, 8 clients")) {
            FigureSource onLoop = new SingleFigure(ON_LOOP, load, CODEC);
            goals.add(Goal.atLeast("W11", load + ", requests on the loop against the codec", onLoop, ITSELF, 0.95)
                    .withNoise(LOOPBACK));
        }
        String threads = "h1, 100 B, 8 threads";
        goals.add(Goal.atLeast("W11", threads + ", requests against the codec", ours(threads, CODEC), ITSELF, 0.95)
                .withNoise(LOOPBACK));
        return goals;
    }

    private static Goal againstOtherClients(String setting, String where, String own) {
        return Goal.atLeast(
                        "W11",
                        setting + ", requests" + where + " against the best of the same job",
                        new SingleFigure(own, setting, CODEC),
                        new BestFigure(ContenderKind.SAME_JOB, setting, CODEC, true),
                        1)
                .withNoise(LOOPBACK);
    }

    private static List<Goal> storm() {
        List<Goal> goals = new ArrayList<>();
        for (String beginning : List.of("storm", "cold start")) {
            goals.add(Goal.atMost("W8", beginning + ", time against the bound", ours(beginning, "x bound"), ITSELF, 1.2)
                    .withNoise(LOOPBACK));
            goals.add(Goal.atMost("W8", beginning + ", most open of 128", ours(beginning, "most open"), ITSELF, 128));
        }
        return goals;
    }

    private static FigureSource ours(String setting, String unit) {
        return new SingleFigure(OURS, setting, unit);
    }

    private static FigureSource vertx(String setting, String unit) {
        return new SingleFigure("vertx-on-loop", setting, unit);
    }

    private static FigureSource sameJob(String setting) {
        return new BestFigure(ContenderKind.SAME_JOB, setting, NS, false);
    }

    private static FigureSource floor(String setting) {
        return new SingleFigure("lock", setting, NS);
    }
}
