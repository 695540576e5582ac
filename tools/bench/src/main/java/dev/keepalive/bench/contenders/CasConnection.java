package dev.keepalive.bench.contenders;

import java.util.concurrent.atomic.AtomicInteger;

/** A connection with its state: 0 idle, 1 leased. */
final class CasConnection extends AtomicInteger {
    private static final long serialVersionUID = 1;

    /** The position in the endpoint's array. */
    final int index;

    CasConnection(int index) {
        this.index = index;
    }

    static CasConnection[] array(int length) {
        CasConnection[] connections = new CasConnection[length];
        for (int i = 0; i < length; i++) {
            connections[i] = new CasConnection(i);
        }
        return connections;
    }

    /** Leases the first idle connection. */
    static CasConnection claim(CasConnection[] connections) {
        for (CasConnection connection : connections) {
            if (connection.get() == 0 && connection.compareAndSet(0, 1)) {
                return connection;
            }
        }
        throw new IllegalStateException("the limit of connections is reached");
    }
}
