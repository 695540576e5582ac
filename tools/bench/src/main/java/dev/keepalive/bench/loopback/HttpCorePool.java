package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** One of HttpCore's pools, of channels. */
final class HttpCorePool implements Lender {
    private static final String ROUTE = "server";

    private final Channels channels;
    private final ManagedConnPool<String, Pooled> pool;

    HttpCorePool(Channels channels, ManagedConnPool<String, Pooled> pool) {
        this.channels = channels;
        this.pool = pool;
    }

    @Override
    public Borrower borrower(Client client) {
        return new Entries(client);
    }

    @Override
    public void close() {
        try {
            pool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A channel, as the pool wants it. */
    record Pooled(Channel channel, Exchange exchange) implements ModalCloseable {
        @Override
        public void close(CloseMode mode) {
            channel.close();
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    private final class Entries implements Borrower, FutureCallback<PoolEntry<String, Pooled>> {
        private final Client client;
        private @Nullable PoolEntry<String, Pooled> lent;

        Entries(Client client) {
            this.client = client;
        }

        @Override
        public void acquire() {
            pool.lease(ROUTE, null, Timeout.DISABLED, this);
        }

        @Override
        public void completed(PoolEntry<String, Pooled> entry) {
            lent = entry;
            if (entry.hasConnection()) {
                client.granted(entry.getConnection().exchange());
            } else {
                channels.bootstrap().connect().addListener((ChannelFuture connected) -> opened(connected, entry));
            }
        }

        private void opened(ChannelFuture connected, PoolEntry<String, Pooled> entry) {
            if (connected.isSuccess()) {
                Channel channel = connected.channel();
                Pooled pooled = new Pooled(channel, Channels.exchangeOf(channel));
                entry.assignConnection(pooled);
                client.granted(pooled.exchange());
            } else {
                client.fail(connected.cause());
            }
        }

        @Override
        public void failed(Exception cause) {
            client.fail(cause);
        }

        @Override
        public void cancelled() {
            client.fail(new IllegalStateException("cancelled"));
        }

        @Override
        public void release() {
            pool.release(Objects.requireNonNull(lent), true);
        }

        @Override
        public void discard() {
            pool.release(Objects.requireNonNull(lent), false);
        }
    }
}
