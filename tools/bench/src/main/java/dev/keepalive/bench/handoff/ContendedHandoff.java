package dev.keepalive.bench.handoff;

import java.util.concurrent.TimeUnit;

/** Both threads take and pass the token without a pause, as often as they can; neither may starve. */
final class ContendedHandoff extends TwoThreadRun {
    private static final long GLANCES = 256;

    private final long[] taken = new long[2 * Long.BYTES];
    private final long[] longest = new long[2];
    private final long most;
    private final long until;
    private volatile long shown;

    /**
     * @param most the most handoffs of both threads
     * @param seconds the longest time
     */
    ContendedHandoff(HandoffToken token, long most, int seconds) {
        super(token);
        this.most = most;
        this.until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Changes at least every 256 handoffs of a thread. */
    @Override
    long count() {
        return shown;
    }

    @Override
    void run(int runner, HandoffToken token) throws Exception {
        long before = System.nanoTime();
        for (long own = 1; own <= most / 2 && before - until < 0 && !isGivenUp(); own++) {
            token.take(runner);
            long now = System.nanoTime();
            longest[runner] = Math.max(longest[runner], now - before);
            taken[runner * Long.BYTES] = own;
            if (own % GLANCES == 0) {
                shown = now;
            }
            token.pass(runner);
            before = System.nanoTime();
        }
    }

    /** How often the threads took the token. Valid when both are done. */
    long handoffs() {
        return taken[0] + taken[Long.BYTES];
    }

    /** The longest wait of a thread, in nanoseconds. Valid when both are done. */
    long longestWait() {
        return Math.max(longest[0], longest[1]);
    }
}
