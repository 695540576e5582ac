package dev.keepalive.bench.contenders;

/** A map of endpoints, each with connections that one CAS acquires. */
final class MapCasFloor implements PoolAdapter {
    private final PoolMap<CasConnection[]> connections;

    MapCasFloor(PoolConfig config) {
        connections = new PoolMap<>(config, endpoint -> CasConnection.array(config.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        return CasConnection.claim(connections.at(endpoint));
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((CasConnection) lease).set(0);
    }
}
