package dev.keepalive.bench.line;

import dev.keepalive.bench.Heap;
import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Contender;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.contenders.Setting;
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
 * Measures W5 of one contender: lines of a thousand, a hundred thousand and a million waiters for one connection, without deadlines and, if the contender knows any, with one
 * for each waiter. What grows with the length of a line is measured over lines that stand there together, batch by batch, so that the machine's noise meets all
 * of them; growth is the median of the batches' ratios.
 *
 * <p>Our waiters have deadlines in either case.
 */
@Command(
        name = "waiters",
        sortOptions = false,
        description = "Measures lines of waiters: served, queued, withdrawn, and in bytes.")
public final class Waiters extends Measurement {
    private static final int THOUSAND = 1_000;
    private static final int HUNDRED_THOUSAND = 100_000;
    private static final int MILLION = 1_000_000;
    /** So long lines are used in turns before anything counts, so that what they need is compiled for all of them. */
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** So many withdrawals before any counts; not more, since some contenders keep what is left of each. */
    private static final int WARM_UP_WITHDRAWALS = 400_000;

    /** Each round withdraws so many: of a line of a thousand, a fifth. */
    private static final int WITHDRAWN = 200;

    private static final double MICRO = 1e3;
    private static final String WITH_TIMEOUT = " with timeout";
    /** Nobody's deadline comes. */
    private static final Duration LONG = Duration.ofHours(1);

    @Option(names = "--most", paramLabel = "N", description = "Waiters of the longest line; default: ${DEFAULT-VALUE}.")
    private int most = MILLION;

    @Option(names = "--rounds", paramLabel = "N", description = "Batches of each line; default: 9 or 41.")
    private int rounds;

    @Option(
            names = "--cycles",
            paramLabel = "N",
            description = "Served and queued in a batch; default: ${DEFAULT-VALUE}.")
    private int cycles = 20_000;

    private Waiters() {
        super("W5");
    }

    /** A program of its own. */
    static Waiters program() {
        return new Waiters();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new Waiters().runAndExit(arguments);
    }

    @Override
    protected void measure() throws InterruptedException {
        rounds = rounds > 0 ? rounds : isQuick() ? 9 : 41;
        Entrant entrant = Contenders.named(contender());
        Setting plain = Setting.of(1, 1);
        Map<String, Setting> variants = new LinkedHashMap<>();
        variants.put("", plain);
        if (entrant.can(Ability.TIMES_OUT)) {
            variants.put(WITH_TIMEOUT, plain.within(LONG));
        }
        for (Map.Entry<String, Setting> variant : variants.entrySet()) {
            bytes(entrant, variant.getValue(), variant.getKey());
            if (entrant.can(Ability.WITHDRAWS)) {
                withdrawFromTheMiddle(entrant, variant.getValue(), variant.getKey());
                withdrawAll(entrant, variant.getValue(), variant.getKey());
            }
        }
        for (Map.Entry<String, Setting> variant : variants.entrySet()) {
            serve(entrant, variant.getValue(), variant.getKey());
        }
    }

    /** What one waiter holds, with what his owner holds of it, but for the array that refers to that. */
    private void bytes(Entrant entrant, Setting limits, String with) throws InterruptedException {
        setting("memory" + with);
        try (Contender pool = entrant.make(limits)) {
            Line line = new Line(pool);
            Object[] places = new Object[Math.min(most, HUNDRED_THOUSAND)];
            line.queue(1);
            try {
                long before = Heap.used();
                line.queue(places);
                figure("B per waiter", (double) (Heap.used() - before) / places.length);
            } finally {
                Reference.reachabilityFence(places);
            }
        }
    }

    private void withdrawFromTheMiddle(Entrant entrant, Setting limits, String with) {
        for (int length : lengths(THOUSAND, HUNDRED_THOUSAND)) {
            setting(inWords(length) + with);
            try (Contender pool = entrant.make(limits)) {
                figure("ns to withdraw", withdrawn(new Line(pool), length));
            }
        }
    }

    /** Some in the order of chance, each time others, in whose stead others join. */
    private double withdrawn(Line line, int length) {
        Object[] places = new Object[length];
        line.queue(places);
        Collections.shuffle(Arrays.asList(places), new Random(length));
        double[] each = new double[rounds];
        int done = 0;
        while (done < WARM_UP_WITHDRAWALS / WITHDRAWN) {
            withdrawSome(line, places, done++);
        }
        for (int round = 0; round < rounds; round++) {
            each[round] = withdrawSome(line, places, done + round);
        }
        return Median.of(each);
    }

    private static double withdrawSome(Line line, Object[] places, int round) {
        int some = Math.min(WITHDRAWN, places.length / 2);
        int from = Math.floorMod(round * some, places.length - some + 1);
        double nanos = line.withdraw(places, from, from + some);
        line.queue(places, from, from + some);
        return nanos;
    }

    /** Withdraws a whole line but for the last, and looks what is left of those who went, and what that does to the one who stayed. */
    private void withdrawAll(Entrant entrant, Setting limits, String with) throws InterruptedException {
        setting("withdrawn" + with);
        try (Contender pool = entrant.make(limits)) {
            Line line = new Line(pool);
            Object[] places = new Object[Math.min(most, HUNDRED_THOUSAND)];
            line.queue(1);
            line.serve();
            long before = Heap.used();
            line.queue(places);
            line.queue(1);
            line.withdraw(places, 0, places.length);
            Arrays.fill(places, this);
            figure("B left", (double) (Heap.used() - before) / places.length);
            figure("us until the next is served", line.serve() / MICRO);
        }
    }

    /** The lines are not closed: to fail a million waiters takes some pools longer than all the rest, and the JVM ends anyway. */
    private void serve(Entrant entrant, Setting limits, String with) throws InterruptedException {
        int[] lengths = lengths(THOUSAND, HUNDRED_THOUSAND, MILLION);
        List<Line> lines = new ArrayList<>();
        double[][] batches = new double[lengths.length][rounds];
        for (int length : lengths) {
            setting(inWords(length) + with);
            Line line = new Line(entrant.make(limits));
            line.queue(length);
            lines.add(line);
        }
        // Else the collector copies a million waiters a dozen times before they are old.
        System.gc();
        for (long begin = System.nanoTime(); System.nanoTime() - begin < WARM_UP_NANOS; ) {
            for (Line line : lines) {
                line.cycle(cycles);
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < lengths.length; i++) {
                batches[i][round] = lines.get(i).cycle(cycles);
            }
        }
        for (int i = 0; i < lengths.length; i++) {
            setting(inWords(lengths[i]) + with);
            figure("ns", Median.of(batches[i]));
            figure("x of " + lengths[0], growth(batches[i], batches[0]));
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

    private static String inWords(int waiters) {
        return String.format(Locale.ROOT, "%,d waiters", waiters);
    }
}
