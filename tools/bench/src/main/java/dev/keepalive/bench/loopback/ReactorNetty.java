package dev.keepalive.bench.loopback;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;

/**
 * reactor-netty's {@code TcpClient} with its connection pool. It is given the connection back by {@code dispose}, the only way there is; it closes it,
 * since with plain TCP it cannot know that the exchange is over.
 */
final class ReactorNetty implements Lender {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final ConnectionProvider provider;
    private final TcpClient clients;

    ReactorNetty(Channels channels, int limit) {
        provider = ConnectionProvider.builder("bench")
                .maxConnections(limit)
                .pendingAcquireMaxCount(-1)
                .build();
        clients = TcpClient.create(provider).runOn(channels.group()).remoteAddress(channels::server);
    }

    @Override
    public Borrower borrower(Client client) {
        return new Borrower() {
            private @Nullable Connection lent;

            @Override
            public void acquire() {
                clients.connect().subscribe(this::granted, client::fail);
            }

            private void granted(Connection connection) {
                lent = connection;
                Exchange exchange = new Exchange();
                connection.channel().pipeline().addFirst(exchange);
                // It reads only when its own receiver asks for more.
                connection.channel().config().setAutoRead(true);
                client.granted(exchange);
            }

            @Override
            public void release() {
                Objects.requireNonNull(lent).dispose();
            }
        };
    }

    @Override
    public void close() {
        provider.disposeLater().block(GRACE);
    }
}
