package dev.keepalive.bench.loopback;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import org.apache.commons.pool2.BaseKeyedPooledObjectFactory;
import org.apache.commons.pool2.KeyedObjectPool;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericKeyedObjectPool;
import org.apache.commons.pool2.impl.GenericKeyedObjectPoolConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.pool.StrictConnPool;
import org.jspecify.annotations.Nullable;

/** The register of those that lend sockets, by name; each is made with a server and a limit to keep. */
final class SocketPoolRegistry {
    private static final String ROUTE = "server";
    private static final Map<String, BiFunction<InetSocketAddress, Integer, SocketPoolAdapter>> ALL =
            new LinkedHashMap<>();

    static {
        ALL.put("keepalive", KeepaliveSockets::new);
        ALL.put("httpcore-strict", Strict::new);
        ALL.put("commons-pool2", Commons::new);
        ALL.put(ChannelPoolRegistry.RAW, (server, limit) -> new RawSockets(server));
    }

    private SocketPoolRegistry() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static SocketPoolAdapter make(String name, InetSocketAddress server, int limit) {
        return Objects.requireNonNull(ALL.get(name), name).apply(server, limit);
    }

    /** Each thread has a socket of its own for ever. */
    private record RawSockets(InetSocketAddress server, ConcurrentLinkedQueue<EchoSocket> open) implements SocketPoolAdapter {
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

    /** This project's manager, with everything on, over sockets. */
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
                private @Nullable Lease<SocketConnector.SocketHandle> lent;

                @Override
                public EchoSocket acquire() throws Exception {
                    Lease<SocketConnector.SocketHandle> lease = manager.blocking().acquire(endpoint);
                    lent = lease;
                    return lease.connection().socket();
                }

                @Override
                public void release() {
                    Objects.requireNonNull(lent).release();
                }
            };
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    /** HttpCore's pool with one lock. */
    private static final class Strict implements SocketPoolAdapter {
        private final StrictConnPool<String, EchoSocket> pool;
        private final InetSocketAddress server;

        Strict(InetSocketAddress server, int limit) {
            this.server = server;
            this.pool = new StrictConnPool<>(limit, limit);
        }

        @Override
        public SocketSource newSource() {
            return new SocketSource() {
                private @Nullable PoolEntry<String, EchoSocket> lent;

                @Override
                public EchoSocket acquire() throws Exception {
                    PoolEntry<String, EchoSocket> entry = pool.lease(ROUTE, null).get();
                    if (!entry.hasConnection()) {
                        entry.assignConnection(new EchoSocket(server));
                    }
                    lent = entry;
                    return entry.getConnection();
                }

                @Override
                public void release() {
                    pool.release(Objects.requireNonNull(lent), true);
                }
            };
        }

        @Override
        public void close() {
            pool.close(CloseMode.IMMEDIATE);
        }
    }

    /** The keyed pool of commons-pool2. */
    private static final class Commons implements SocketPoolAdapter {
        private final KeyedObjectPool<String, EchoSocket> pool;

        Commons(InetSocketAddress server, int limit) {
            GenericKeyedObjectPoolConfig<EchoSocket> limits = new GenericKeyedObjectPoolConfig<>();
            limits.setMaxTotal(limit);
            limits.setMaxTotalPerKey(limit);
            limits.setMaxIdlePerKey(limit);
            limits.setJmxEnabled(false);
            pool = new GenericKeyedObjectPool<>(new Wires(server), limits);
        }

        @Override
        public SocketSource newSource() {
            return new SocketSource() {
                private @Nullable EchoSocket lent;

                @Override
                public EchoSocket acquire() throws Exception {
                    EchoSocket socket = pool.borrowObject(ROUTE);
                    lent = socket;
                    return socket;
                }

                @Override
                public void release() {
                    try {
                        pool.returnObject(ROUTE, Objects.requireNonNull(lent));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            };
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static final class Wires extends BaseKeyedPooledObjectFactory<String, EchoSocket> {
        private final InetSocketAddress server;

        Wires(InetSocketAddress server) {
            this.server = server;
        }

        @Override
        public EchoSocket create(String route) {
            return new EchoSocket(server);
        }

        @Override
        public PooledObject<EchoSocket> wrap(EchoSocket socket) {
            return new DefaultPooledObject<>(socket);
        }

        @Override
        public void destroyObject(String route, PooledObject<EchoSocket> pooled) {
            pooled.getObject().close();
        }
    }
}
