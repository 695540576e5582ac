package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.LeaseOrigin;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What the workers have counted of one manager. Safe from any thread. */
final class Tally {
    private final LongAdder[] counts = new LongAdder[Count.values().length];

    Tally() {
        Arrays.setAll(counts, count -> new LongAdder());
    }

    void add(Count count) {
        counts[count.ordinal()].increment();
    }

    void lease(LeaseOrigin origin) {
        add(
                switch (origin) {
                    case IMMEDIATE -> Count.IMMEDIATE;
                    case DEFERRED -> Count.DEFERRED;
                    case NEW -> Count.NEW;
                });
    }

    void failure(AcquireException failure) {
        if (failure instanceof AcquireException.TimedOut) {
            add(Count.TIMED_OUT);
        } else if (failure instanceof AcquireException.DialFailed) {
            add(Count.DIAL_FAILED);
        } else if (failure instanceof AcquireException.QueueFull) {
            add(Count.QUEUE_FULL);
        } else if (failure instanceof AcquireException.Closed) {
            add(Count.CLOSED);
        } else {
            throw new IllegalStateException("a failure that nobody expects", failure);
        }
    }

    long of(Count count) {
        return counts[count.ordinal()].sum();
    }

    long of(Count... several) {
        long sum = 0;
        for (Count count : several) {
            sum += of(count);
        }
        return sum;
    }

    /** Several tallies in one. */
    static Tally sum(List<Tally> tallies) {
        Tally sum = new Tally();
        for (Tally tally : tallies) {
            for (Count count : Count.values()) {
                sum.counts[count.ordinal()].add(tally.of(count));
            }
        }
        return sum;
    }

    /** The acquires that were answered with a failure. */
    long failed() {
        return of(Count.TIMED_OUT, Count.DIAL_FAILED, Count.QUEUE_FULL, Count.CLOSED);
    }

    /** The acquires that have ended, in whatever way. */
    long ended() {
        return of(Count.IMMEDIATE, Count.DEFERRED, Count.NEW, Count.NONE_IDLE) + failed() + of(Count.CANCELLED);
    }
}
