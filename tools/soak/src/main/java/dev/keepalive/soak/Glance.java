package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Snapshot;
import java.util.Map;

/**
 * A look at a manager at work: nobody waits for what is idle. A snapshot is of one moment, so a single one that is
 * wrong is a finding. That the limits are kept is for the server to see.
 */
final class Glance {
    private final Findings findings;

    Glance(Findings findings) {
        this.findings = findings;
    }

    void at(Client client) {
        Snapshot snapshot = client.manager().snapshot();
        for (Map.Entry<Endpoint, Counts> entry : snapshot.endpoints().entrySet()) {
            Counts counts = entry.getValue();
            if (counts.waiting() > 0 && counts.idle() > 0) {
                findings.add("somebody waits for " + entry.getKey() + ", and a connection is idle\n" + snapshot);
            }
        }
    }
}
