package dev.keepalive.soak;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Counts, at the server, how many connections its clients hold open at one moment. The count is a lower bound: at some
 * moment the clients held at least so many descriptors. Used only by the thread of the chaos server.
 *
 * <p>When the server has accepted a connection, the client has opened that connection and all those accepted before. So
 * it is enough to find out which of them the client had not closed by then. All of these were open at the moment just
 * after the accept.
 *
 * <ol>
 *   <li>After the accept, and not before, the socket of each connection is read until nothing is left. A client closes
 *       its descriptor before it returns the permit. Closing sends the end of the stream or a reset, which loopback
 *       delivers to the server's socket before {@code close} returns. So if the client closed a connection to make room
 *       for the accepted one, that end is found now, and the connection is not counted. A connection that the server
 *       itself has ended is not counted either, although the client may still hold it.
 *   <li>In practice the end has always arrived when {@code close} returns, but the system does not promise it. So if
 *       more connections are left than a limit allows, the system's table of sockets tells which of them still belong
 *       to a descriptor at the client's end. Such a connection was also open just after the accept. Afterwards the
 *       sockets are read once more, because the client's port might belong to another connection by now: the system
 *       opens no second connection between the same ports before the first has ended at both sides.
 * </ol>
 */
final class ConnectionCensus {
    private final SoakFindings findings;

    ConnectionCensus(SoakFindings findings) {
        this.findings = findings;
    }

    /**
     * Counts the connections after an accept. Nothing that the others sent, or that their peers did, has been processed
     * yet.
     */
    void count(ChaosConnection accepted, Collection<ChaosConnection> connections) throws IOException {
        connections.forEach(ChaosConnection::readAvailable);
        if (accepted.isPeerGone()) {
            return;
        }
        for (ConnectionGauge gauge : accepted.listener.gauges) {
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

    private static List<ChaosConnection> present(ConnectionGauge gauge, Collection<ChaosConnection> connections) {
        List<ChaosConnection> present = new ArrayList<>();
        for (ChaosConnection connection : connections) {
            if (!connection.isPeerGone() && connection.listener.gauges.contains(gauge)) {
                present.add(connection);
            }
        }
        return present;
    }

    private static List<ChaosConnection> confirmed(List<ChaosConnection> suspected) throws IOException {
        SystemSockets sockets = SystemSockets.read();
        List<ChaosConnection> confirmed = new ArrayList<>();
        for (ChaosConnection connection : suspected) {
            connection.readAvailable();
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
