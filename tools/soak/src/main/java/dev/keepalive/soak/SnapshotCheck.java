package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Snapshot;
import java.util.Map;

/**
 * Checks snapshots of a manager at work: no waiter waits for an endpoint with an idle connection. A snapshot shows one
 * moment, so a single bad one is a finding. The server checks the limits.
 */
final class SnapshotCheck {
    private final SoakFindings findings;

    SnapshotCheck(SoakFindings findings) {
        this.findings = findings;
    }

    void check(ManagerUnderTest tested) {
        Snapshot snapshot = tested.manager().snapshot();
        for (Map.Entry<Endpoint, Counts> entry : snapshot.endpoints().entrySet()) {
            Counts counts = entry.getValue();
            if (counts.waiting() > 0 && counts.idle() > 0) {
                findings.add("a waiter waits for " + entry.getKey() + " although a connection is idle\n" + snapshot);
            }
        }
    }
}
