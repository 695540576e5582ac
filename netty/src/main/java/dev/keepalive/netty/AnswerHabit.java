package dev.keepalive.netty;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;

/**
 * Whether the connections of one endpoint were seen to end right behind an answer, so that the next lease lost its
 * request. Then the next leases begin only when the selector has been asked, for some minutes. Safe from any thread.
 */
final class AnswerHabit {
    private static final long REMEMBERED_NANOS = Duration.ofMinutes(2).toNanos();
    private static final long NEVER = Long.MIN_VALUE;

    private volatile long seen = NEVER;

    void endedBehindAnswer(Ticker clock) {
        long now = clock.nanoTime();
        seen = now == NEVER ? now + 1 : now;
    }

    boolean endsBehindAnswers(Ticker clock) {
        long last = seen;
        return last != NEVER && clock.nanoTime() - last < REMEMBERED_NANOS;
    }
}
