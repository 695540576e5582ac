package dev.keepalive.bench.contenders;

import java.util.concurrent.atomic.AtomicInteger;

/** A connection in its place: 0 when idle, 1 when leased. */
final class CasConnection extends AtomicInteger {
    private static final long serialVersionUID = 1;

    /** Its number among the slots of its endpoint. */
    final int index;

    CasConnection(int index) {
        this.index = index;
    }

    static CasConnection[] array(int length) {
        CasConnection[] slots = new CasConnection[length];
        for (int i = 0; i < length; i++) {
            slots[i] = new CasConnection(i);
        }
        return slots;
    }

    /** Takes the first idle one. */
    static CasConnection claim(CasConnection[] slots) {
        for (CasConnection connection : slots) {
            if (connection.get() == 0 && connection.compareAndSet(0, 1)) {
                return connection;
            }
        }
        throw new IllegalStateException("as many connections as are allowed are in use");
    }
}
