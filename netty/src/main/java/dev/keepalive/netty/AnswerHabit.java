package dev.keepalive.netty;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * Whether the connections of one endpoint were seen to end right behind an answer, so that the next lease lost its
 * request. Then, for some minutes, the next lease begins only when the selector has been asked; and if requests on
 * reused connections are lost one after the other, no connection is reused. Connections that were open at the same time
 * count once, since one restart of the peer ends them all. Safe from any thread.
 */
final class AnswerHabit {
    private static final long REMEMBERED_NANOS = Duration.ofMinutes(2).toNanos();
    private static final long NEVER = Long.MIN_VALUE;

    /** So many requests in a row that were lost on reused connections show that no reuse will do. */
    private static final int LOST_IN_A_ROW = 3;

    private volatile long seen = NEVER;

    /** A hint: two threads may count one loss, or a reset may come between. */
    private volatile int lostInARow;

    /** How many losses were counted. A hint as well. */
    private volatile int losses;

    /** What a connection that is being opened has to remember for {@link #lost}. */
    int losses() {
        return losses;
    }

    /**
     * A request on a reused connection was lost.
     *
     * @param lossesBefore what {@link #losses} was when the connection was opened
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // hints
    void lost(Ticker clock, int lossesBefore) {
        long now = clock.nanoTime();
        seen = now == NEVER ? now + 1 : now;
        if (losses == lossesBefore) {
            losses++;
            lostInARow++;
        }
    }

    /** A request on a reused connection was answered. */
    void answered() {
        if (lostInARow != 0) {
            lostInARow = 0;
        }
    }

    boolean endsBehindAnswers(Ticker clock) {
        long last = seen;
        return last != NEVER && clock.nanoTime() - last < REMEMBERED_NANOS;
    }

    /** Whether a connection of a marked endpoint is not to be used again. */
    boolean endsAlways() {
        return lostInARow >= LOST_IN_A_ROW;
    }
}
