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
final class BlockingLenders {
    private static final String ROUTE = "server";
    private static final Map<String, BiFunction<InetSocketAddress, Integer, BlockingLender>> ALL =
            new LinkedHashMap<>();

    static {
        ALL.put("keepalive", Ours::new);
        ALL.put("httpcore-strict", Strict::new);
        ALL.put("commons-pool2", Commons::new);
        ALL.put(Lenders.RAW, (server, limit) -> new Raw(server));
    }

    private BlockingLenders() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static BlockingLender make(String name, InetSocketAddress server, int limit) {
        return Objects.requireNonNull(ALL.get(name), name).apply(server, limit);
    }

    /** Each thread has a socket of its own for ever. */
    private record Raw(InetSocketAddress server, ConcurrentLinkedQueue<Wire> open) implements BlockingLender {
        Raw(InetSocketAddress server) {
            this(server, new ConcurrentLinkedQueue<>());
        }

        @Override
        public Borrower borrower() {
            Wire wire = new Wire(server);
            open.add(wire);
            return new Borrower() {
                @Override
                public Wire acquire() {
                    return wire;
                }

                @Override
                public void release() {}
            };
        }

        @Override
        public void close() {
            open.forEach(Wire::close);
        }
    }

    /** This project's manager, with everything on, over sockets. */
    private static final class Ours implements BlockingLender {
        private final ConnectionManager<SocketConnector.Held> manager;
        private final Endpoint endpoint;

        Ours(InetSocketAddress server, int limit) {
            manager = ConnectionManager.builder(new SocketConnector(server))
                    .maxOpen(limit)
                    .maxOpenPerEndpoint(limit)
                    .build();
            endpoint = Endpoint.of("echo", "127.0.0.1", server.getPort());
        }

        @Override
        public Borrower borrower() {
            return new Borrower() {
                private @Nullable Lease<SocketConnector.Held> lent;

                @Override
                public Wire acquire() throws Exception {
                    Lease<SocketConnector.Held> lease = manager.blocking().acquire(endpoint);
                    lent = lease;
                    return lease.connection().wire();
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
    private static final class Strict implements BlockingLender {
        private final StrictConnPool<String, Wire> pool;
        private final InetSocketAddress server;

        Strict(InetSocketAddress server, int limit) {
            this.server = server;
            this.pool = new StrictConnPool<>(limit, limit);
        }

        @Override
        public Borrower borrower() {
            return new Borrower() {
                private @Nullable PoolEntry<String, Wire> lent;

                @Override
                public Wire acquire() throws Exception {
                    PoolEntry<String, Wire> entry = pool.lease(ROUTE, null).get();
                    if (!entry.hasConnection()) {
                        entry.assignConnection(new Wire(server));
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
    private static final class Commons implements BlockingLender {
        private final KeyedObjectPool<String, Wire> pool;

        Commons(InetSocketAddress server, int limit) {
            GenericKeyedObjectPoolConfig<Wire> limits = new GenericKeyedObjectPoolConfig<>();
            limits.setMaxTotal(limit);
            limits.setMaxTotalPerKey(limit);
            limits.setMaxIdlePerKey(limit);
            limits.setJmxEnabled(false);
            pool = new GenericKeyedObjectPool<>(new Wires(server), limits);
        }

        @Override
        public Borrower borrower() {
            return new Borrower() {
                private @Nullable Wire lent;

                @Override
                public Wire acquire() throws Exception {
                    Wire wire = pool.borrowObject(ROUTE);
                    lent = wire;
                    return wire;
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

    private static final class Wires extends BaseKeyedPooledObjectFactory<String, Wire> {
        private final InetSocketAddress server;

        Wires(InetSocketAddress server) {
            this.server = server;
        }

        @Override
        public Wire create(String route) {
            return new Wire(server);
        }

        @Override
        public PooledObject<Wire> wrap(Wire wire) {
            return new DefaultPooledObject<>(wire);
        }

        @Override
        public void destroyObject(String route, PooledObject<Wire> pooled) {
            pooled.getObject().close();
        }
    }
}
