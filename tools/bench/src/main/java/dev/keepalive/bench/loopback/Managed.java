package dev.keepalive.bench.loopback;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * This project's manager on its Netty connector, with everything on. A client uses a connection as a protocol's author would: attaches its handler for the time
 * of the lease, and writes from it.
 */
final class Managed implements Lender {
    private final ConnectionManager<NettyConnection> manager;
    private final AcquireRequest request;

    Managed(Channels channels, int limit) {
        manager = ConnectionManager.builder(NettyConnector.builder()
                        .eventLoopGroup(channels.group())
                        .build())
                .maxOpen(limit)
                .maxOpenPerEndpoint(limit)
                .build();
        request = AcquireRequest.to(
                Endpoint.of("echo", "127.0.0.1", channels.server().getPort()));
    }

    @Override
    public Borrower borrower(Client client) {
        Exchange exchange = new Exchange();
        return new Borrower() {
            private @Nullable Lease<NettyConnection> lent;

            @Override
            public void acquire() {
                CompletableFuture<Lease<NettyConnection>> acquired = manager.acquire(request);
                if (acquired.isDone()) {
                    granted(acquired.join());
                } else {
                    acquired.whenComplete((lease, failure) -> {
                        if (failure == null) {
                            granted(lease);
                        } else {
                            client.fail(failure);
                        }
                    });
                }
            }

            private void granted(Lease<NettyConnection> lease) {
                lent = lease;
                lease.connection().attach(exchange);
                client.granted(exchange);
            }

            @Override
            public void release() {
                Objects.requireNonNull(lent).release();
            }

            @Override
            public void discard() {
                Objects.requireNonNull(lent).invalidate();
            }
        };
    }

    @Override
    public void close() {
        manager.close();
        manager.closed().toCompletableFuture().join();
    }
}
