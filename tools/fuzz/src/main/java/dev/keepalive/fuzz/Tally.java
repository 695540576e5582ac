package dev.keepalive.fuzz;

import dev.keepalive.Origin;
import dev.keepalive.Totals;
import dev.keepalive.machine.Fate;

/** What the model has seen happen since the start. */
final class Tally {
    long opened;
    long dialsFailed;
    long withdrawn;
    long forgotten;
    private long timedOut;
    private long failed;
    private long immediate;
    private long deferred;
    private long fresh;

    void failed(Fate fate) {
        if (fate == Fate.TIMED_OUT) {
            timedOut++;
        } else {
            failed++;
        }
    }

    void served(Origin origin) {
        switch (origin) {
            case IMMEDIATE -> immediate++;
            case DEFERRED -> deferred++;
            case NEW -> fresh++;
        }
    }

    Totals totals() {
        return new Totals(opened, dialsFailed, immediate, deferred, fresh, timedOut, failed, withdrawn, forgotten);
    }
}
