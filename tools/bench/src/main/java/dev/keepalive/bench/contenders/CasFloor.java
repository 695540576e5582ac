package dev.keepalive.bench.contenders;

/** One CAS to take, one volatile write to give back, no keys: the least that several threads can share. */
final class CasFloor implements Contender {
    private final Slot[] slots;

    CasFloor(Setting setting) {
        slots = Slot.array(setting.total());
    }

    @Override
    public Object acquire(int endpoint) {
        return Slot.claim(slots);
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((Slot) lease).set(0);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {}
}
