package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Snapshot;
import java.util.Map;

/** A look at a manager at work: what must be so at every moment. A snapshot is of one moment, so a single one that is wrong is a finding. */
final class Glance {
    private final Findings findings;

    Glance(Findings findings) {
        this.findings = findings;
    }

    void at(Client client) {
        Snapshot snapshot = client.manager().snapshot();
        if (snapshot.all().open() > client.maxOpen()) {
            findings.add("more connections than the " + client.maxOpen() + " that are allowed\n" + snapshot);
        }
        for (Map.Entry<Endpoint, Counts> entry : snapshot.endpoints().entrySet()) {
            Counts counts = entry.getValue();
            if (counts.open() > client.maxOpenPerEndpoint()) {
                findings.add("more connections to " + entry.getKey() + " than the " + client.maxOpenPerEndpoint()
                        + " that are allowed\n" + snapshot);
            }
            if (counts.waiting() > 0 && counts.idle() > 0) {
                findings.add("somebody waits for " + entry.getKey() + ", and a connection is idle\n" + snapshot);
            }
        }
    }
}
