package dev.keepalive.bench.handover;

import java.util.concurrent.TimeUnit;

/** Both take the baton and let it go without a pause, as often as they can: nobody may starve. */
final class Race extends Runners {
    private static final long GLANCES = 256;

    private final long[] taken = new long[2 * Long.BYTES];
    private final long[] longest = new long[2];
    private final long most;
    private final long until;
    private volatile long shown;

    /**
     * @param most hand-overs, in all
     * @param seconds at most, if that is sooner
     */
    Race(Baton baton, long most, int seconds) {
        super(baton);
        this.most = most;
        this.until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Approximately. */
    @Override
    long count() {
        return shown;
    }

    @Override
    void run(int runner, Baton baton) throws Exception {
        long before = System.nanoTime();
        for (long own = 1; own <= most / 2 && before - until < 0 && !isGivenUp(); own++) {
            baton.take(runner);
            long now = System.nanoTime();
            longest[runner] = Math.max(longest[runner], now - before);
            taken[runner * Long.BYTES] = own;
            if (own % GLANCES == 0) {
                shown = now;
            }
            baton.pass(runner);
            before = System.nanoTime();
        }
    }

    /** How often the baton was taken, in all. When both are done. */
    long hands() {
        return taken[0] + taken[Long.BYTES];
    }

    /** The longest that one of them waited, in nanoseconds. When both are done. */
    long longestWait() {
        return Math.max(longest[0], longest[1]);
    }
}
