package dev.keepalive.bench.loopback;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnector;
import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection manager with all its features on its Netty connector, which speaks the echo protocol: its handlers
 * stay on a connection from lease to lease.
 */
final class KeepaliveChannelPool implements ChannelPoolAdapter {
    private final ConnectionManager<EchoConnection> manager;
    private final AcquireRequest request;
    private final EventLoop loop;

    KeepaliveChannelPool(ChannelOpener opener, int limit) {
        manager = ConnectionManager.builder(
                        NettyConnector.builder().eventLoopGroup(opener.group()).build(EchoSession::new))
                .maxOpen(limit)
                .maxOpenPerEndpoint(limit)
                .build();
        loop = opener.loop();
        request = AcquireRequest.to(
                Endpoint.of("echo", "127.0.0.1", opener.server().getPort()));
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new ChannelSource() {
            private final Consumer<Lease<EchoConnection>> onLease = this::granted;
            private final Consumer<AcquireException> onFailure = client::fail;
            private @Nullable Lease<EchoConnection> held;

            @Override
            public void acquire() {
                Lease<EchoConnection> idle = manager.tryAcquire(request);
                if (idle != null) {
                    granted(idle);
                } else {
                    manager.acquire(request, loop, onLease, onFailure);
                }
            }

            private void granted(Lease<EchoConnection> lease) {
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
