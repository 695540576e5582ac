package dev.keepalive.bench.loopback;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;

/**
 * reactor-netty's {@code TcpClient} with its connection pool. {@code dispose} is the only way to give a connection
 * back. It closes the connection, because with plain TCP the client cannot know that the exchange is over.
 */
final class ReactorNettyClient implements ChannelPoolAdapter {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final ConnectionProvider provider;
    private final TcpClient clients;

    ReactorNettyClient(ChannelOpener opener, int limit) {
        provider = ConnectionProvider.builder("bench")
                .maxConnections(limit)
                .pendingAcquireMaxCount(-1)
                .build();
        clients = TcpClient.create(provider).runOn(opener.group()).remoteAddress(opener::server);
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new ChannelSource() {
            private @Nullable Connection held;

            @Override
            public void acquire() {
                clients.connect().subscribe(this::granted, client::fail);
            }

            private void granted(Connection connection) {
                held = connection;
                RequestHandler handler = new RequestHandler(WireFormat.ECHO);
                connection.channel().pipeline().addFirst(handler);
                // Otherwise the client reads only on demand of its own receiver.
                connection.channel().config().setAutoRead(true);
                client.granted(handler);
            }

            @Override
            public void release() {
                Objects.requireNonNull(held).dispose();
            }
        };
    }

    @Override
    public void close() {
        provider.disposeLater().block(GRACE);
    }
}
