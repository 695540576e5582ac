package dev.keepalive.soak;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Counts, at the server, how many connections its clients hold open at one moment. Sound: whatever it counts, there was
 * a moment at which the clients held so many descriptors. It may count too few. Used by the chaos server's thread only.
 *
 * <p>When the server has accepted a connection, the client had opened that one and all those accepted before. So it is
 * enough to know which of them the client had not closed by then; for those, the moment just after the accept is a
 * moment at which all were open.
 *
 * <ol>
 *   <li>After the accept, and not before, each connection's socket is read until nothing is left. A client closes its
 *       descriptor before it gives a permit back, and closing sends the end of the stream or a reset, which loopback
 *       carries into the server's socket before {@code close} returns. So if the client closed one connection to make
 *       room for the one accepted, its end is found now, and it is not counted. One that the server itself has ended is
 *       not counted either, though the client may still hold it.
 *   <li>That an end has always arrived when {@code close} returns is so in practice, and no promise of the system's. So
 *       if more are left than a limit allows, the system's table of sockets is asked to which of them, at the client's
 *       end, a descriptor still belongs. One that does so now did so just after the accept; whatever is under way plays
 *       no part. Afterwards the sockets are read once more, lest the client's port belong to another connection by now:
 *       the system opens no second connection between the same ports before the first has ended at both sides.
 * </ol>
 */
final class Census {
    private final Findings findings;

    Census(Findings findings) {
        this.findings = findings;
    }

    /**
     * A connection has just been accepted; nothing that the others sent or that their peers did has been acted upon.
     */
    void count(ChaosConnection accepted, Collection<ChaosConnection> connections) throws IOException {
        connections.forEach(ChaosConnection::fill);
        if (accepted.isPeerGone()) {
            return;
        }
        for (Gauge gauge : accepted.door.gauges) {
            List<ChaosConnection> present = present(gauge, connections);
            if (present.size() > gauge.limit()) {
                present = confirmed(present);
            }
            gauge.note(present.size());
            if (present.size() > gauge.limit()) {
                findings.add(gauge.name() + ": " + present.size() + " connections open at one moment, where "
                        + gauge.limit() + " are allowed: " + present);
            }
        }
    }

    private static List<ChaosConnection> present(Gauge gauge, Collection<ChaosConnection> connections) {
        List<ChaosConnection> present = new ArrayList<>();
        for (ChaosConnection connection : connections) {
            if (!connection.isPeerGone() && connection.door.gauges.contains(gauge)) {
                present.add(connection);
            }
        }
        return present;
    }

    private static List<ChaosConnection> confirmed(List<ChaosConnection> suspected) throws IOException {
        SystemSockets sockets = SystemSockets.read();
        List<ChaosConnection> confirmed = new ArrayList<>();
        for (ChaosConnection connection : suspected) {
            connection.fill();
            if (!connection.isPeerGone() && isHeld(connection, sockets)) {
                confirmed.add(connection);
            }
        }
        return confirmed;
    }

    private static boolean isHeld(ChaosConnection connection, SystemSockets sockets) throws IOException {
        InetSocketAddress server = (InetSocketAddress) connection.socket().getLocalAddress();
        return sockets.isHeld(connection.clientPort(), server.getAddress().getAddress(), server.getPort());
    }
}
