package dev.keepalive.fuzz;

import dev.keepalive.LeaseOrigin;
import dev.keepalive.Totals;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.EventTotals;

/** The totals of the model since the start. */
final class ModelTotals {
    long opened;
    long dialsFailed;
    long withdrawn;
    long forgotten;
    private long timedOut;
    private long failed;
    private long immediate;
    private long deferred;
    private long fresh;

    void failed(AcquireOutcome outcome) {
        if (outcome == AcquireOutcome.TIMED_OUT) {
            timedOut++;
        } else {
            failed++;
        }
    }

    void served(LeaseOrigin origin) {
        switch (origin) {
            case IMMEDIATE -> immediate++;
            case DEFERRED -> deferred++;
            case NEW -> fresh++;
        }
    }

    Totals totals() {
        return new EventTotals(opened, dialsFailed, immediate, deferred, fresh, timedOut, failed, withdrawn, forgotten);
    }
}
