package dev.keepalive.bench.loopback;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.PoolConfig;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The register of socket pools by name. Each is made with the address of a server and a limit of connections. */
final class SocketPoolRegistry {
    private static final Map<String, BiFunction<InetSocketAddress, Integer, SocketPoolAdapter>> ALL =
            new LinkedHashMap<>();

    static {
        ALL.put("keepalive", KeepaliveSockets::new);
        for (String name : List.of("httpcore-strict", "commons-pool2")) {
            ALL.put(name, (server, limit) -> new SharedAdapter(name, server, limit));
        }
        ALL.put(ChannelPoolRegistry.RAW, (server, limit) -> new RawSockets(server));
    }

    private SocketPoolRegistry() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static SocketPoolAdapter make(String name, InetSocketAddress server, int limit) {
        return Objects.requireNonNull(ALL.get(name), name).apply(server, limit);
    }

    /** No pool: each thread keeps a socket of its own. */
    private record RawSockets(InetSocketAddress server, ConcurrentLinkedQueue<EchoSocket> open)
            implements SocketPoolAdapter {
        RawSockets(InetSocketAddress server) {
            this(server, new ConcurrentLinkedQueue<>());
        }

        @Override
        public SocketSource newSource() {
            EchoSocket socket = new EchoSocket(server);
            open.add(socket);
            return new SocketSource() {
                @Override
                public EchoSocket acquire() {
                    return socket;
                }

                @Override
                public void release() {}
            };
        }

        @Override
        public void close() {
            open.forEach(EchoSocket::close);
        }
    }

    /** The connection manager with all its features, over sockets. */
    private static final class KeepaliveSockets implements SocketPoolAdapter {
        private final ConnectionManager<SocketConnector.SocketHandle> manager;
        private final Endpoint endpoint;

        KeepaliveSockets(InetSocketAddress server, int limit) {
            manager = ConnectionManager.builder(new SocketConnector(server))
                    .maxOpen(limit)
                    .maxOpenPerEndpoint(limit)
                    .build();
            endpoint = Endpoint.of("echo", "127.0.0.1", server.getPort());
        }

        @Override
        public SocketSource newSource() {
            return new SocketSource() {
                private @Nullable Lease<SocketConnector.SocketHandle> held;

                @Override
                public EchoSocket acquire() throws Exception {
                    Lease<SocketConnector.SocketHandle> lease =
                            manager.blocking().acquire(endpoint);
                    held = lease;
                    return lease.connection().socket();
                }

                @Override
                public void release() {
                    Objects.requireNonNull(held).release();
                }
            };
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    /** A pool that other workloads measure with dummy connections, over sockets. */
    private static final class SharedAdapter implements SocketPoolAdapter {
        private static final int ENDPOINT = 0;

        private final PoolAdapter pool;

        SharedAdapter(String contender, InetSocketAddress server, int limit) {
            PoolConfig config = PoolConfig.of(1, limit).opening(endpoint -> new EchoSocket(server));
            pool = ContenderRegistry.named(contender).make(config);
        }

        @Override
        public SocketSource newSource() {
            return new SocketSource() {
                private @Nullable Object held;

                @Override
                public EchoSocket acquire() throws Exception {
                    Object lease = pool.acquire(ENDPOINT);
                    held = lease;
                    return (EchoSocket) pool.connection(lease);
                }

                @Override
                public void release() {
                    pool.release(ENDPOINT, Objects.requireNonNull(held));
                }
            };
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}
