package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A chaos server with doors in the clear, which does one fault always, or none. */
final class ServerRig implements AutoCloseable {
    /** For the server to have one: no door of a rig speaks TLS. */
    private static final Authority AUTHORITY = authority();

    final Findings findings = new Findings();
    final Gauge total;
    final List<Door> doors = new ArrayList<>();
    final ChaosServer server;

    /** In peace. */
    ServerRig(int maxOpen, int... limits) throws Exception {
        this(null, maxOpen, limits);
    }

    ServerRig(@Nullable Fault always, int maxOpen, int... limits) throws Exception {
        total = new Gauge("all", maxOpen);
        for (int i = 0; i < limits.length; i++) {
            String address = "127.0.78." + (i + 1);
            doors.add(Door.at(
                    "line", address, false, always == Fault.REFUSE, List.of(new Gauge("door " + i, limits[i]), total)));
        }
        server = new ChaosServer(new Always(always), doors, AUTHORITY.server(), findings);
        server.start();
    }

    /** Greets, shuts out and is mute towards connections; does anything else in exchanges. */
    private static final class Always extends Mischief {
        private static final Set<Fault> OF_CONNECTIONS = EnumSet.of(Fault.GREET, Fault.SHUT_OUT, Fault.MUTE);

        private final @Nullable Fault fault;

        Always(@Nullable Fault fault) {
            super(1);
            this.fault = fault;
        }

        @Override
        @Nullable
        Fault ofConnection() {
            return fault != null && OF_CONNECTIONS.contains(fault) ? fault : null;
        }

        @Override
        @Nullable
        Fault ofExchange() {
            return fault == null || fault == Fault.REFUSE || OF_CONNECTIONS.contains(fault) ? null : fault;
        }
    }

    private static Authority authority() {
        try {
            return new Authority(List.of());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    ClientSocket connect(int door) throws Exception {
        return new ClientSocket(endpoint(door));
    }

    Endpoint endpoint(int door) {
        return doors.get(door).endpoint;
    }

    int open(int door) {
        return server.open().get(endpoint(door));
    }

    String highWater() {
        return server.ask(total::toString) + " "
                + server.ask(() ->
                        doors.stream().map(door -> door.gauge().toString()).toList());
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
