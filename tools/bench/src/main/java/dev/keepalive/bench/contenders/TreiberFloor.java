package dev.keepalive.bench.contenders;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/** A lock-free stack of indices, without keys and without garbage. A version in its head prevents the ABA problem. */
final class TreiberFloor implements PoolAdapter {
    private static final int NONE = -1;

    /** The version in the upper half, the index of the top connection in the lower half. */
    private final AtomicLong head = new AtomicLong(head(0, NONE));

    private final AtomicIntegerArray below;
    private final CasConnection[] connections;

    TreiberFloor(PoolConfig config) {
        connections = CasConnection.array(config.total());
        below = new AtomicIntegerArray(connections.length);
        for (CasConnection connection : connections) {
            release(0, connection);
        }
    }

    @Override
    public Object acquire(int endpoint) {
        while (true) {
            long seen = head.get();
            int top = (int) seen;
            if (top == NONE) {
                throw new IllegalStateException("the limit of connections is reached");
            }
            if (head.compareAndSet(seen, head(version(seen) + 1, below.get(top)))) {
                return connections[top];
            }
        }
    }

    @Override
    public void release(int endpoint, Object lease) {
        int top = ((CasConnection) lease).index;
        while (true) {
            long seen = head.get();
            below.set(top, (int) seen);
            if (head.compareAndSet(seen, head(version(seen) + 1, top))) {
                return;
            }
        }
    }

    private static int version(long head) {
        return (int) (head >>> Integer.SIZE);
    }

    private static long head(int version, int top) {
        return (long) version << Integer.SIZE | Integer.toUnsignedLong(top);
    }
}
