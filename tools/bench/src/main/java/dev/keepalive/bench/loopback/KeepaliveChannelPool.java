package dev.keepalive.bench.loopback;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.NettyConnectorBuilder;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection manager with all its features on its Netty connector, with handlers that stay on a connection from
 * lease to lease.
 */
final class KeepaliveChannelPool implements ChannelPoolAdapter {
    private final ConnectionManager<RequestConnection> manager;
    private final AcquireRequest request;
    private final EventLoop loop;

    KeepaliveChannelPool(ChannelOpener opener, int limit) {
        NettyConnectorBuilder connector = NettyConnector.builder().eventLoopGroup(opener.group());
        SslContext tls = opener.tls();
        if (tls != null) {
            connector.tls(tls);
        }
        manager = ConnectionManager.builder(connector.build(context -> new RequestSession(context, opener.format())))
                .maxOpen(limit)
                .maxOpenPerEndpoint(limit)
                .build();
        loop = opener.loop();
        request = AcquireRequest.to(Endpoint.of(
                tls == null ? "http" : "https", "127.0.0.1", opener.server().getPort()));
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new ChannelSource() {
            private final Consumer<Lease<RequestConnection>> onLease = this::granted;
            private final Consumer<AcquireException> onFailure = client::fail;
            private @Nullable Lease<RequestConnection> held;

            @Override
            public void acquire() {
                Lease<RequestConnection> idle = manager.tryAcquire(request);
                if (idle != null) {
                    granted(idle);
                } else {
                    manager.acquire(request, loop, onLease, onFailure);
                }
            }

            private void granted(Lease<RequestConnection> lease) {
                held = lease;
                client.granted(lease.connection());
            }

            @Override
            public void release() {
                Objects.requireNonNull(held).release();
            }

            @Override
            public void discard() {
                Objects.requireNonNull(held).invalidate();
            }
        };
    }

    @Override
    public void close() {
        manager.close();
        manager.closed().toCompletableFuture().join();
    }
}
