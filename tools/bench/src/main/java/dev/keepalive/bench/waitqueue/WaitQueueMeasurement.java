package dev.keepalive.bench.waitqueue;

import dev.keepalive.bench.HeapUsage;
import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.PoolConfig;
import dev.keepalive.bench.contenders.PoolFeature;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W5 of one contender: queues of a thousand, a hundred thousand and a million waiters for one connection. They
 * are measured without deadlines and, if the contender has any, with a deadline per waiter. To measure growth with the
 * length, all queues exist at once and take turns, batch by batch, so that the host's noise affects all of them. Growth
 * is the median of the batches' ratios.
 *
 * <p>The manager's waiters have deadlines in both cases.
 */
@Command(
        name = "waiters",
        sortOptions = false,
        description = "Measures queues of waiters: to serve, queue and withdraw one, and its bytes.")
public final class WaitQueueMeasurement extends Measurement {
    private static final int THOUSAND = 1_000;
    private static final int HUNDRED_THOUSAND = 100_000;
    private static final int MILLION = 1_000_000;
    /** The queues take turns for this long before anything counts, so that their code is compiled for all lengths. */
    private static final int WARM_UP_MILLIS = 3_000;

    /** Withdrawals before any counts, after a full warm-up. Not more, because some contenders keep remains of each. */
    private static final int WARM_UP_WITHDRAWALS = 400_000;

    /** Withdrawals per round: a fifth of a queue of a thousand. */
    private static final int WITHDRAWN = 200;

    private static final double MICRO = 1e3;
    private static final String WITH_TIMEOUT = " with timeout";
    /** A deadline that never comes during the measurement. */
    private static final Duration LONG = Duration.ofHours(1);

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "Waiters in the longest queue; default: ${DEFAULT-VALUE}.")
    private int most = MILLION;

    @Option(names = "--rounds", paramLabel = "N", description = "Batches of each queue; default: 9 or 41.")
    private int rounds;

    @Option(
            names = "--cycles",
            paramLabel = "N",
            description = "Waiters served and queued in a batch; default: ${DEFAULT-VALUE}.")
    private int cycles = 20_000;

    @Option(
            names = "--warm-up",
            paramLabel = "MS",
            description = "How long the queues take turns before anything counts; default: ${DEFAULT-VALUE} ms.")
    private int warmUp = WARM_UP_MILLIS;

    WaitQueueMeasurement() {
        super("W5");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new WaitQueueMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws InterruptedException {
        rounds = rounds > 0 ? rounds : isQuick() ? 9 : 41;
        ContenderEntry entry = ContenderRegistry.named(contender());
        PoolConfig plain = PoolConfig.of(1, 1);
        Map<String, PoolConfig> variants = new LinkedHashMap<>();
        variants.put("", plain);
        if (entry.has(PoolFeature.DEADLINE)) {
            variants.put(WITH_TIMEOUT, plain.within(LONG));
        }
        for (Map.Entry<String, PoolConfig> variant : variants.entrySet()) {
            measureBytes(entry, variant.getValue(), variant.getKey());
            if (entry.has(PoolFeature.WITHDRAWAL)) {
                withdrawFromTheMiddle(entry, variant.getValue(), variant.getKey());
                withdrawAll(entry, variant.getValue(), variant.getKey());
            }
        }
        for (Map.Entry<String, PoolConfig> variant : variants.entrySet()) {
            measureServing(entry, variant.getValue(), variant.getKey());
        }
    }

    /** Measures the bytes of a waiter, with the object that its owner keeps, but without the array of these objects. */
    private void measureBytes(ContenderEntry entry, PoolConfig limits, String with) throws InterruptedException {
        startSetting("memory" + with);
        try (PoolAdapter pool = entry.make(limits)) {
            WaitQueueDriver queue = new WaitQueueDriver(pool);
            Object[] waiters = new Object[Math.min(most, HUNDRED_THOUSAND)];
            queue.queue(1);
            try {
                long before = HeapUsage.used();
                queue.queue(waiters);
                reportFigure("B per waiter", (double) (HeapUsage.used() - before) / waiters.length);
            } finally {
                Reference.reachabilityFence(waiters);
            }
        }
    }

    private void withdrawFromTheMiddle(ContenderEntry entry, PoolConfig limits, String with) {
        for (int length : lengths(THOUSAND, HUNDRED_THOUSAND)) {
            startSetting(settingName(length) + with);
            try (PoolAdapter pool = entry.make(limits)) {
                reportFigure("ns to withdraw", withdrawn(new WaitQueueDriver(pool), length));
            }
        }
    }

    /** Withdraws waiters in random order, different ones in each round, and rewaiters them by new ones. */
    private double withdrawn(WaitQueueDriver queue, int length) {
        Object[] waiters = new Object[length];
        queue.queue(waiters);
        Collections.shuffle(Arrays.asList(waiters), new Random(length));
        double[] each = new double[rounds];
        int done = 0;
        while (done < (long) WARM_UP_WITHDRAWALS / WITHDRAWN * warmUp / WARM_UP_MILLIS) {
            withdrawSome(queue, waiters, done++);
        }
        for (int round = 0; round < rounds; round++) {
            each[round] = withdrawSome(queue, waiters, done + round);
        }
        return Median.of(each);
    }

    private static double withdrawSome(WaitQueueDriver queue, Object[] waiters, int round) {
        int some = Math.min(WITHDRAWN, waiters.length / 2);
        int from = Math.floorMod(round * some, waiters.length - some + 1);
        double nanos = queue.withdraw(waiters, from, from + some);
        queue.queue(waiters, from, from + some);
        return nanos;
    }

    /**
     * Withdraws a whole queue but its last waiter. Measures the bytes left, and the time until the last waiter is
     * served.
     */
    private void withdrawAll(ContenderEntry entry, PoolConfig limits, String with) throws InterruptedException {
        startSetting("withdrawn" + with);
        try (PoolAdapter pool = entry.make(limits)) {
            WaitQueueDriver queue = new WaitQueueDriver(pool);
            Object[] waiters = new Object[Math.min(most, HUNDRED_THOUSAND)];
            queue.queue(1);
            queue.serve();
            long before = HeapUsage.used();
            queue.queue(waiters);
            queue.queue(1);
            queue.withdraw(waiters, 0, waiters.length);
            Arrays.fill(waiters, this);
            reportFigure("B left", (double) (HeapUsage.used() - before) / waiters.length);
            reportFigure("us until the next is served", queue.serve() / MICRO);
        }
    }

    /**
     * Does not close the pools: some need longer to fail a million waiters than for all the rest, and the JVM ends
     * anyway.
     */
    private void measureServing(ContenderEntry entry, PoolConfig limits, String with) throws InterruptedException {
        int[] lengths = lengths(THOUSAND, HUNDRED_THOUSAND, MILLION);
        List<WaitQueueDriver> queues = new ArrayList<>();
        double[][] batches = new double[lengths.length][rounds];
        for (int length : lengths) {
            startSetting(settingName(length) + with);
            WaitQueueDriver queue = new WaitQueueDriver(entry.make(limits));
            queue.queue(length);
            queues.add(queue);
        }
        // Otherwise the collector copies a million waiters a dozen times before they are old.
        System.gc();
        long warmUpNanos = TimeUnit.MILLISECONDS.toNanos(warmUp);
        for (long begin = System.nanoTime(); System.nanoTime() - begin < warmUpNanos; ) {
            for (WaitQueueDriver queue : queues) {
                queue.cycle(cycles);
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < lengths.length; i++) {
                batches[i][round] = queues.get(i).cycle(cycles);
            }
        }
        for (int i = 0; i < lengths.length; i++) {
            startSetting(settingName(lengths[i]) + with);
            reportFigure("ns", Median.of(batches[i]));
            reportFigure("x of " + lengths[0], growth(batches[i], batches[0]));
        }
    }

    private static double growth(double[] batches, double[] ofShortest) {
        double[] ratios = new double[batches.length];
        Arrays.setAll(ratios, i -> batches[i] / ofShortest[i]);
        return Median.of(ratios);
    }

    private int[] lengths(int... all) {
        return Arrays.stream(all).map(length -> Math.min(length, most)).toArray();
    }

    private static String settingName(int waiters) {
        return String.format(Locale.ROOT, "%,d waiters", waiters);
    }
}
