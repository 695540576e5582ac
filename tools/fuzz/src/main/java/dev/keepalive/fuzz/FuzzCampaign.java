package dev.keepalive.fuzz;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs one seed after the other on several threads until told to stop, and counts seeds, events and violations. */
final class FuzzCampaign {
    private final int operations;
    private final AtomicLong nextSeed;
    private final long lastSeed;
    private final AtomicLong seeds = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong violations = new AtomicLong();

    /** @param operations how many operations each seed has */
    FuzzCampaign(long firstSeed, long count, int operations) {
        this.nextSeed = new AtomicLong(firstSeed);
        this.lastSeed = count < Long.MAX_VALUE - firstSeed ? firstSeed + count : Long.MAX_VALUE;
        this.operations = operations;
    }

    long seeds() {
        return seeds.get();
    }

    long events() {
        return events.get();
    }

    long violations() {
        return violations.get();
    }

    /** Runs seeds until none is left or {@code enough} returns true. */
    void play(int threads, BooleanSupplier enough, LongConsumer onFailure) throws InterruptedException {
        AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
        List<Thread> workers = IntStream.range(0, threads)
                .mapToObj(index -> new Thread(() -> work(enough, onFailure), "fuzz-" + index))
                .toList();
        for (Thread worker : workers) {
            worker.setUncaughtExceptionHandler((thread, thrown) -> broken.set(thrown));
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        Throwable thrown = broken.get();
        if (thrown != null) {
            throw new IllegalStateException("the fuzzer itself is broken", thrown);
        }
    }

    private void work(BooleanSupplier enough, LongConsumer onFailure) {
        while (!enough.getAsBoolean()) {
            long seed = nextSeed.getAndIncrement();
            if (seed >= lastSeed) {
                return;
            }
            FuzzRun run = FuzzRun.of(FuzzSetup.of(seed), OperationGenerator.operations(seed, operations), false);
            seeds.incrementAndGet();
            events.addAndGet(run.events());
            if (run.violation() != null) {
                violations.incrementAndGet();
                onFailure.accept(seed);
            }
        }
    }
}
