package dev.keepalive.fuzz;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** Plays one seed after the other, on several threads, until it is told to stop. Counts as it goes. */
final class Campaign {
    private final int operations;
    private final AtomicLong nextSeed;
    private final long lastSeed;
    private final AtomicLong seeds = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong violations = new AtomicLong();

    /** @param operations how many operations each seed has */
    Campaign(long firstSeed, long count, int operations) {
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

    /** Plays seeds until there is none left or {@code enough} says so. */
    void play(int threads, BooleanSupplier enough, LongConsumer onFailure) throws InterruptedException {
        List<Thread> workers = java.util.stream.IntStream.range(0, threads)
                .mapToObj(index -> new Thread(() -> work(enough, onFailure), "fuzz-" + index))
                .toList();
        workers.forEach(Thread::start);
        for (Thread worker : workers) {
            worker.join();
        }
    }

    private void work(BooleanSupplier enough, LongConsumer onFailure) {
        while (!enough.getAsBoolean()) {
            long seed = nextSeed.getAndIncrement();
            if (seed >= lastSeed) {
                return;
            }
            Run run = Run.of(Setup.of(seed), Generator.operations(seed, operations), false);
            seeds.incrementAndGet();
            events.addAndGet(run.events());
            if (run.violation() != null) {
                violations.incrementAndGet();
                onFailure.accept(seed);
            }
        }
    }
}
