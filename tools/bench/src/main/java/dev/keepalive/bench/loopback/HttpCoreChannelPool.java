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

/** One of HttpCore's pools, over channels. */
final class HttpCoreChannelPool implements ChannelPoolAdapter {
    private static final String ROUTE = "server";

    private final ChannelOpener opener;
    private final ManagedConnPool<String, PooledChannel> pool;

    HttpCoreChannelPool(ChannelOpener opener, ManagedConnPool<String, PooledChannel> pool) {
        this.opener = opener;
        this.pool = pool;
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new EntrySource(client);
    }

    @Override
    public void close() {
        try {
            pool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A channel in the form that the pool demands. */
    record PooledChannel(Channel channel, RequestHandler handler) implements ModalCloseable {
        @Override
        public void close(CloseMode mode) {
            channel.close();
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    private final class EntrySource implements ChannelSource, FutureCallback<PoolEntry<String, PooledChannel>> {
        private final RequestClient client;
        private @Nullable PoolEntry<String, PooledChannel> held;

        EntrySource(RequestClient client) {
            this.client = client;
        }

        @Override
        public void acquire() {
            pool.lease(ROUTE, null, Timeout.DISABLED, this);
        }

        @Override
        public void completed(PoolEntry<String, PooledChannel> entry) {
            held = entry;
            if (entry.hasConnection()) {
                client.granted(entry.getConnection().handler());
            } else {
                opener.bootstrap().connect().addListener((ChannelFuture connected) -> opened(connected, entry));
            }
        }

        private void opened(ChannelFuture connected, PoolEntry<String, PooledChannel> entry) {
            if (connected.isSuccess()) {
                Channel channel = connected.channel();
                PooledChannel pooled = new PooledChannel(channel, ChannelOpener.handlerOf(channel));
                entry.assignConnection(pooled);
                client.granted(pooled.handler());
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
            pool.release(Objects.requireNonNull(held), true);
        }

        @Override
        public void discard() {
            pool.release(Objects.requireNonNull(held), false);
        }
    }
}
