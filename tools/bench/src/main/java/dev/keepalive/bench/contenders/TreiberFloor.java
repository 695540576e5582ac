package dev.keepalive.bench.contenders;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/** A stack of indices, whose head has a version against ABA: last in, first out without a lock and without garbage. No keys. */
final class TreiberFloor implements Contender {
    private static final int NONE = -1;

    /** The version in the upper half, the index of the top in the lower. */
    private final AtomicLong head = new AtomicLong(head(0, NONE));

    private final AtomicIntegerArray below;
    private final Slot[] slots;

    TreiberFloor(Setting setting) {
        slots = Slot.array(setting.total());
        below = new AtomicIntegerArray(slots.length);
        for (Slot slot : slots) {
            release(0, slot);
        }
    }

    @Override
    public Object acquire(int endpoint) {
        while (true) {
            long seen = head.get();
            int top = (int) seen;
            if (top == NONE) {
                throw new IllegalStateException("as many connections as are allowed are in use");
            }
            if (head.compareAndSet(seen, head(version(seen) + 1, below.get(top)))) {
                return slots[top];
            }
        }
    }

    @Override
    public void release(int endpoint, Object lease) {
        int top = ((Slot) lease).index;
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

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}
}
