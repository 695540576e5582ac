package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Snapshot;
import java.util.Map;

/**
 * Checks snapshots of a manager at work: no waiter waits for an endpoint that has an idle connection, or room for a
 * lease; and what it says of leases fits together. A snapshot shows one moment, so a single bad one is a finding. The
 * server checks the limits.
 */
final class SnapshotCheck {
    private final SoakFindings findings;

    SnapshotCheck(SoakFindings findings) {
        this.findings = findings;
    }

    void check(ManagerUnderTest tested) {
        Snapshot snapshot = tested.manager().snapshot();
        for (Map.Entry<Endpoint, Counts> entry : snapshot.endpoints().entrySet()) {
            check(entry.getKey(), entry.getValue(), snapshot);
        }
    }

    private void check(Endpoint endpoint, Counts counts, Snapshot snapshot) {
        EndpointKind kind = EndpointKind.of(endpoint);
        if (counts.waiting() > 0 && counts.room() > 0) {
            findings.add("a waiter waits for " + endpoint + " although there is room\n" + snapshot);
        }
        if (counts.leases() > counts.leased() * kind.mostLeases()) {
            findings.add(counts.leases() + " leases of " + counts.leased() + " connections to " + endpoint + ", where "
                    + kind.mostLeases() + " are allowed for each\n" + snapshot);
        }
        if (!kind.isShared() && (counts.leases() != counts.leased() || counts.room() != counts.idle())) {
            findings.add("the counts of " + endpoint + ", whose connections are not shared, differ: " + counts.leases()
                    + " leases, room for " + counts.room() + "\n" + snapshot);
        }
        if (counts.leaving() > counts.leased()) {
            findings.add(counts.leaving() + " of " + counts.leased() + " leased connections are leaving\n" + snapshot);
        }
    }
}
