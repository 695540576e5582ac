package dev.keepalive.bench.handover;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The baton goes to and fro: who has it lets it go only when the other is parked for it, and asks for it again only when the other runs. The time from the one
 * to the other is recorded.
 */
final class Relay extends Runners {
    /** A thread that is said to be parked may have a few steps to go. */
    private static final long SETTLING = TimeUnit.MICROSECONDS.toNanos(5);

    private static final int SPINS = 200;

    private final Histogram latencies;
    private final int times;
    private volatile int holder = -1;
    private volatile int taken;
    private long passedAt;

    /** @param latencies where the nanoseconds of each hand-over go */
    Relay(Baton baton, int times, Histogram latencies) {
        super(baton);
        this.times = times;
        this.latencies = latencies;
    }

    @Override
    long count() {
        return taken;
    }

    @Override
    void run(int runner, Baton baton) throws Exception {
        while (taken <= times && !isGivenUp()) {
            baton.take(runner);
            took(System.nanoTime());
            holder = runner;
            awaitParked(threads[1 - runner]);
            long settled = System.nanoTime() + SETTLING;
            while (System.nanoTime() - settled < 0) {
                Thread.onSpinWait();
            }
            passedAt = System.nanoTime();
            baton.pass(runner);
            for (int spins = 0; holder == runner && threads[1 - runner].isAlive() && !isGivenUp(); spins++) {
                pause(spins);
            }
        }
    }

    /** Only whoever has the baton calls this. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time
    private void took(long now) {
        if (taken > 0 && taken <= times) {
            latencies.recordValue(now - passedAt);
        }
        taken++;
    }

    private void awaitParked(Thread other) {
        for (int spins = 0; !isGivenUp(); spins++) {
            Thread.State state = other.getState();
            if (state == Thread.State.WAITING
                    || state == Thread.State.TIMED_WAITING
                    || state == Thread.State.TERMINATED) {
                return;
            }
            pause(spins);
        }
    }

    private static void pause(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
