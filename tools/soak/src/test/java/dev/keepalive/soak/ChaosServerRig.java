package dev.keepalive.soak;

import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A chaos server without TLS that always commits one fault, or none. */
final class ChaosServerRig implements AutoCloseable {
    /** The server needs one, though no listener of the rig uses TLS. */
    private static final SoakAuthority AUTHORITY = authority();

    final SoakFindings findings = new SoakFindings();
    final ConnectionGauge total;
    final List<ChaosListener> listeners = new ArrayList<>();
    final ChaosServer server;

    /** A server without faults. */
    ChaosServerRig(int maxOpen, int... limits) throws Exception {
        this(null, maxOpen, limits);
    }

    ChaosServerRig(@Nullable ChaosFault always, int maxOpen, int... limits) throws Exception {
        this(EndpointKind.LINE, always, maxOpen, limits);
    }

    ChaosServerRig(EndpointKind kind, @Nullable ChaosFault always, int maxOpen, int... limits) throws Exception {
        total = new ConnectionGauge("all", maxOpen);
        for (int i = 0; i < limits.length; i++) {
            String address = "127.0.78." + (i + 1);
            listeners.add(ChaosListener.at(
                    kind,
                    address,
                    false,
                    always == ChaosFault.REFUSE,
                    List.of(new ConnectionGauge("listener " + i, limits[i]), total)));
        }
        server = new ChaosServer(new SingleFaultChooser(always), listeners, AUTHORITY.server(), findings);
        server.start();
    }

    /** Commits the faults of connections on connections, and any other fault in exchanges. */
    private static final class SingleFaultChooser extends FaultChooser {
        private static final Set<ChaosFault> OF_CONNECTIONS =
                EnumSet.of(ChaosFault.GREET, ChaosFault.CLOSE_AT_ONCE, ChaosFault.MUTE);

        private static final Set<ChaosFault> OF_SETTINGS = EnumSet.of(ChaosFault.SETTINGS, ChaosFault.NO_ROOM);

        private final @Nullable ChaosFault fault;

        SingleFaultChooser(@Nullable ChaosFault fault) {
            super(1);
            this.fault = fault;
        }

        @Override
        @Nullable
        ChaosFault forConnection() {
            return fault != null && OF_CONNECTIONS.contains(fault) ? fault : null;
        }

        @Override
        @Nullable
        ChaosFault forExchange(EndpointKind kind) {
            boolean elsewhere = fault == null
                    || fault == ChaosFault.REFUSE
                    || fault == ChaosFault.UNCONFIRMED
                    || OF_CONNECTIONS.contains(fault)
                    || OF_SETTINGS.contains(fault);
            return elsewhere ? null : fault;
        }

        @Override
        @Nullable
        ChaosFault forSettings() {
            return fault != null && OF_SETTINGS.contains(fault) ? fault : null;
        }

        @Override
        @Nullable
        ChaosFault forCancel() {
            return fault == ChaosFault.UNCONFIRMED ? fault : null;
        }

        /** As many leases as in peace, unless they are what the fault is about. */
        @Override
        boolean isPeaceful() {
            return fault == null || !(fault == ChaosFault.REFUSE || OF_SETTINGS.contains(fault));
        }
    }

    private static SoakAuthority authority() {
        try {
            return new SoakAuthority(List.of());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    ClientSocket connect(int index) throws Exception {
        return new ClientSocket(endpoint(index));
    }

    Endpoint endpoint(int index) {
        return listeners.get(index).endpoint;
    }

    int open(int index) {
        return server.open().get(endpoint(index));
    }

    /** Waits for the first finding. */
    String finding() {
        await().until(() -> !findings.isEmpty());
        return findings.list().get(0);
    }

    String highWater() {
        return server.ask(total::toString) + " "
                + server.ask(() -> listeners.stream()
                        .map(listener -> listener.gauge().toString())
                        .toList());
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
