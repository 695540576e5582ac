package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Totals;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What the workers have counted for one manager. Safe from any thread. */
final class OutcomeTally {
    private final LongAdder[] counts = new LongAdder[WorkerCount.values().length];

    OutcomeTally() {
        Arrays.setAll(counts, count -> new LongAdder());
    }

    void add(WorkerCount count) {
        counts[count.ordinal()].increment();
    }

    void lease(LeaseOrigin origin) {
        add(
                switch (origin) {
                    case IMMEDIATE -> WorkerCount.IMMEDIATE;
                    case DEFERRED -> WorkerCount.DEFERRED;
                    case NEW -> WorkerCount.NEW;
                });
    }

    /** Adds the acquires that were served between two snapshots and that no worker has counted. */
    void addServed(Totals before, Totals after) {
        long immediate = after.immediate() - before.immediate();
        long deferred = after.deferred() - before.deferred();
        long created = after.created() - before.created();
        counts[WorkerCount.IMMEDIATE.ordinal()].add(immediate);
        counts[WorkerCount.DEFERRED.ordinal()].add(deferred);
        counts[WorkerCount.NEW.ordinal()].add(created);
        counts[WorkerCount.STARTED.ordinal()].add(immediate + deferred + created);
    }

    void failure(AcquireException failure) {
        if (failure instanceof AcquireException.TimedOut) {
            add(WorkerCount.TIMED_OUT);
        } else if (failure instanceof AcquireException.DialFailed) {
            add(WorkerCount.DIAL_FAILED);
        } else if (failure instanceof AcquireException.QueueFull) {
            add(WorkerCount.QUEUE_FULL);
        } else if (failure instanceof AcquireException.Closed) {
            add(WorkerCount.CLOSED);
        } else {
            throw new IllegalStateException("an unexpected failure", failure);
        }
    }

    long of(WorkerCount count) {
        return counts[count.ordinal()].sum();
    }

    long of(WorkerCount... several) {
        long sum = 0;
        for (WorkerCount count : several) {
            sum += of(count);
        }
        return sum;
    }

    /** The sum of several tallies. */
    static OutcomeTally sum(List<OutcomeTally> tallies) {
        OutcomeTally sum = new OutcomeTally();
        for (OutcomeTally tally : tallies) {
            for (WorkerCount count : WorkerCount.values()) {
                sum.counts[count.ordinal()].add(tally.of(count));
            }
        }
        return sum;
    }

    /** The acquires that failed. */
    long failed() {
        return of(WorkerCount.TIMED_OUT, WorkerCount.DIAL_FAILED, WorkerCount.QUEUE_FULL, WorkerCount.CLOSED);
    }

    /** The acquires that have ended, in any way. */
    long ended() {
        return of(WorkerCount.IMMEDIATE, WorkerCount.DEFERRED, WorkerCount.NEW, WorkerCount.NONE_IDLE)
                + failed()
                + of(WorkerCount.CANCELLED);
    }
}
