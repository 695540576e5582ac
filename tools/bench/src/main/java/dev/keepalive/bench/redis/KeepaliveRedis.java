package dev.keepalive.bench.redis;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import org.jspecify.annotations.Nullable;

/**
 * The connection manager with all its features: a lease for each command, which has a connection for itself or shares
 * one.
 */
final class KeepaliveRedis implements RedisContender {
    private static final RequestResponse<String[], RespValue> RESP =
            RequestResponse.of(RespValue.class, pipeline -> pipeline.addLast(new RespDecoder(), new RespEncoder()));

    private final ConnectionManager<Requests<String[], RespValue>> connections;
    private final Endpoint endpoint;

    private KeepaliveRedis(int port, int limit, RequestResponse<String[], RespValue> protocol) {
        connections = ConnectionManager.builder(NettyConnector.builder().build(protocol))
                .maxOpenPerEndpoint(limit)
                .build();
        endpoint = Endpoint.of("redis", "127.0.0.1", port);
    }

    /** A command at a time on each of so many connections. */
    static KeepaliveRedis exclusive(int port, int limit) {
        return new KeepaliveRedis(port, limit, RESP);
    }

    /** So many commands at a time on one connection. */
    static KeepaliveRedis pipelined(int port, int depth) {
        return new KeepaliveRedis(port, 1, RESP.pipelined(depth));
    }

    @Override
    public void set(String key, String value) throws Exception {
        call("SET", key, value);
    }

    @Override
    public @Nullable String get(String key) throws Exception {
        return call("GET", key);
    }

    private @Nullable String call(String... command) throws Exception {
        RespValue answer =
                connections.blocking().use(endpoint, lease -> lease.connection().call(command));
        if (answer.type() == '-') {
            throw new IllegalStateException(answer.text());
        }
        return answer.text();
    }

    @Override
    public void close() {
        connections.close();
    }
}
