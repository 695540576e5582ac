package dev.keepalive.bench.contenders;

/** A map of endpoints, each with slots that are taken by one CAS. */
final class MapCasFloor implements Contender {
    private final Keyed<Slot[]> slots;

    MapCasFloor(Setting setting) {
        slots = new Keyed<>(setting, endpoint -> Slot.array(setting.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        return Slot.claim(slots.at(endpoint));
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
