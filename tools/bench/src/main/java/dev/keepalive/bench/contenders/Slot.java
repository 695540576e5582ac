package dev.keepalive.bench.contenders;

import java.util.concurrent.atomic.AtomicInteger;

/** A connection in its place: 0 when idle, 1 when leased. */
final class Slot extends AtomicInteger {
    private static final long serialVersionUID = 1;

    /** Its number among the slots of its endpoint. */
    final int index;

    Slot(int index) {
        this.index = index;
    }

    static Slot[] array(int length) {
        Slot[] slots = new Slot[length];
        for (int i = 0; i < length; i++) {
            slots[i] = new Slot(i);
        }
        return slots;
    }

    /** Takes the first idle one. */
    static Slot claim(Slot[] slots) {
        for (Slot slot : slots) {
            if (slot.get() == 0 && slot.compareAndSet(0, 1)) {
                return slot;
            }
        }
        throw new IllegalStateException("as many connections as are allowed are in use");
    }
}
