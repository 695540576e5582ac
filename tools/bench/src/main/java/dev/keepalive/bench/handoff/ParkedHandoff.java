package dev.keepalive.bench.handoff;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The token goes back and forth. Its holder passes it only when the other thread is parked for it, and waits for it
 * again only when the other thread runs. Records the time of each handoff.
 */
final class ParkedHandoff extends TwoThreadRun {
    /** A thread in state WAITING may not be parked yet; its holder waits this long. */
    private static final long SETTLING = TimeUnit.MICROSECONDS.toNanos(5);

    private static final int SPINS = 200;

    private final Histogram latencies;
    private final int times;
    private volatile int holder = -1;
    private volatile int taken;
    private long passedAt;

    /** @param latencies receives the nanoseconds of each handoff */
    ParkedHandoff(HandoffToken token, int times, Histogram latencies) {
        super(token);
        this.times = times;
        this.latencies = latencies;
    }

    @Override
    long count() {
        return taken;
    }

    @Override
    void run(int runner, HandoffToken token) throws Exception {
        while (taken <= times && !isGivenUp()) {
            token.take(runner);
            took(System.nanoTime());
            holder = runner;
            awaitParked(threads[1 - runner]);
            long settled = System.nanoTime() + SETTLING;
            while (System.nanoTime() - settled < 0) {
                Thread.onSpinWait();
            }
            passedAt = System.nanoTime();
            token.pass(runner);
            for (int spins = 0; holder == runner && threads[1 - runner].isAlive() && !isGivenUp(); spins++) {
                pause(spins);
            }
        }
    }

    /** Called only by the holder of the token. */
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
