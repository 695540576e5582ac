package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Makes managers on real sockets, and servers for them. When it is closed, no connection may be open. */
final class PoeRig implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final List<ScriptedServer> servers = new ArrayList<>();
    private final List<ConnectionManager<NettyConnection>> managers = new ArrayList<>();

    private final List<Lease<NettyConnection>> kept = new ArrayList<>();

    ScriptedServer server() {
        ScriptedServer server = ScriptedServer.start();
        servers.add(server);
        return server;
    }

    static Endpoint at(ScriptedServer server) {
        return Endpoint.of("line", "127.0.0.1", server.port());
    }

    /** An endpoint with a port on which no server listens. */
    static Endpoint withoutServer() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return Endpoint.of("line", "127.0.0.1", free.getLocalPort());
        }
    }

    ConnectionManager<NettyConnection> manager(UnaryOperator<ManagerBuilder<NettyConnection>> options) {
        return manager(NettyConnector.create(), options);
    }

    ConnectionManager<NettyConnection> manager(
            NettyConnector connector, UnaryOperator<ManagerBuilder<NettyConnection>> options) {
        ConnectionManager<NettyConnection> manager =
                options.apply(ConnectionManager.builder(connector)).build();
        managers.add(manager);
        return manager;
    }

    /** Waits for the lease, and keeps a reference to it, so that it is not reclaimed as leaked. */
    Lease<NettyConnection> got(CompletableFuture<Lease<NettyConnection>> acquired) throws Exception {
        Lease<NettyConnection> lease = acquired.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        kept.add(lease);
        return lease;
    }

    Lease<NettyConnection> acquired(ConnectionManager<NettyConnection> manager, Endpoint endpoint) throws Exception {
        return got(manager.acquire(endpoint));
    }

    static AcquireException failed(CompletableFuture<?> acquired) throws Exception {
        try {
            Object got = acquired.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("succeeded with " + got);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(AcquireException.class);
            return (AcquireException) e.getCause();
        }
    }

    @Override
    public void close() throws Exception {
        for (ConnectionManager<NettyConnection> manager : managers) {
            manager.close();
            manager.closed().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(manager.snapshot().all().open()).isZero();
            assertThat(manager.snapshot().all().waiting()).isZero();
        }
        for (ScriptedServer server : servers) {
            server.close();
        }
    }
}
