package dev.keepalive.verify;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.WithoutReclaim;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how costs grow: with waiters, with endpoints, and by taking back what was forgotten. */
@Command(
        name = "growth",
        sortOptions = false,
        description = {
            "Queues very many acquires and withdraws them in random order; uses very many endpoints once each; and acquires and releases with and without",
            "reclaim side by side. Figures, not goals: only what must be empty afterwards is checked. Status: 0 if it is, 1 if not."
        })
final class GrowthCommand implements Callable<Integer> {
    private static final int MILLION = 1_000_000;
    private static final int FEWEST = 8;
    private static final int ROUNDS = 11;
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "Waiters, endpoints and cycles; default: ${DEFAULT-VALUE}.")
    private int most = MILLION;

    @Option(names = "--help", usageHelp = true, description = "Print this.")
    private boolean help;

    private boolean empty = true;

    @Override
    public Integer call() {
        if (most < FEWEST) {
            spec.commandLine().getErr().println("growth: --most " + most + " is not allowed: at least " + FEWEST);
            return 2;
        }
        for (int waiters = most / FEWEST; waiters > 0 && waiters <= most; waiters *= 2) {
            withdraw(waiters);
        }
        endpoints();
        reclaim();
        say(
                "growth: up to %d waiters, %d endpoints, %d rounds of %d cycles: %s",
                most, most, 2 * ROUNDS, most, empty ? "nothing was left" : "SOMETHING WAS LEFT");
        return empty ? 0 : 1;
    }

    private void withdraw(int waiters) {
        try (ConnectionManager<Lease<?>> manager =
                builder().maxOpenPerEndpoint(1).build()) {
            Lease<Lease<?>> holder = manager.acquire(A).join();
            List<CompletableFuture<Lease<Lease<?>>>> all = new ArrayList<>(waiters);
            long begin = System.nanoTime();
            for (int i = 0; i < waiters; i++) {
                all.add(manager.acquire(A));
            }
            long queued = System.nanoTime();
            Collections.shuffle(all, new Random(waiters));
            long shuffled = System.nanoTime();
            all.forEach(acquire -> acquire.cancel(false));
            long withdrawn = System.nanoTime();
            int left = manager.snapshot().all().waiting();
            empty &= left == 0 && holder.release();
            say(
                    "%,10d waiters: queued in %4d ns each, withdrawn in random order in %4d ns each, %d left",
                    waiters, (queued - begin) / waiters, (withdrawn - shuffled) / waiters, left);
        }
    }

    private void endpoints() {
        try (ConnectionManager<Lease<?>> manager = builder().build()) {
            use(manager, 0, most / FEWEST);
            long before = usedHeap();
            long begin = System.nanoTime();
            use(manager, most / FEWEST, most);
            long each = (System.nanoTime() - begin) / most;
            long after = usedHeap();
            int left = manager.snapshot().endpoints().size();
            empty &= left == 0;
            say(
                    "%,10d endpoints used once: %d ns each, heap before %,d kB, after %,d kB, %d known",
                    most, each, before / 1024, after / 1024, left);
        }
    }

    private static void use(ConnectionManager<Lease<?>> manager, int from, int count) {
        for (int i = from; i < from + count; i++) {
            manager.acquire(Endpoint.of("line", "h" + i, 1)).join().invalidate();
        }
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Side by side: one round with, one without, and so on; the first ones warm up. */
    private void reclaim() {
        long[] with = new long[ROUNDS];
        long[] without = new long[ROUNDS];
        try (ConnectionManager<Lease<?>> on = builder().build();
                ConnectionManager<Lease<?>> off = WithoutReclaim.in(builder()).build()) {
            for (int round = 0; round < ROUNDS; round++) {
                with[round] = cycles(on);
                without[round] = cycles(off);
            }
        }
        say("%,10d cycles with reclaim: %s; without: %s", most, spread(with), spread(without));
    }

    private long cycles(ConnectionManager<Lease<?>> manager) {
        long begin = System.nanoTime();
        for (int i = 0; i < most; i++) {
            manager.acquire(A).join().release();
        }
        return (System.nanoTime() - begin) / most;
    }

    private static String spread(long... rounds) {
        long[] warm = Arrays.copyOfRange(rounds, rounds.length / 3, rounds.length);
        Arrays.sort(warm);
        return String.format(
                Locale.ROOT, "median %d ns (%d to %d)", warm[warm.length / 2], warm[0], warm[warm.length - 1]);
    }

    private static ManagerBuilder<Lease<?>> builder() {
        return ConnectionManager.builder(new PromptConnector()).callbacks(Runnable::run);
    }

    private void say(String text, Object... figures) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, text, figures));
        out.flush();
    }
}
