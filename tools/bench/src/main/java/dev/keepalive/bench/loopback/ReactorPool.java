package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;

/** reactor-pool, of channels. */
final class ReactorPool implements Lender {
    private final InstrumentedPool<Channel> pool;

    ReactorPool(Channels channels, int limit) {
        Mono<Channel> opened = Mono.create(sink -> open(channels, sink));
        pool = PoolBuilder.from(opened).sizeBetween(0, limit).buildPool();
    }

    private static void open(Channels channels, MonoSink<Channel> sink) {
        channels.bootstrap().connect().addListener((ChannelFuture connected) -> {
            if (connected.isSuccess()) {
                sink.success(connected.channel());
            } else {
                sink.error(connected.cause());
            }
        });
    }

    @Override
    public Borrower borrower(Client client) {
        return new Borrower() {
            private @Nullable PooledRef<Channel> lent;

            @Override
            public void acquire() {
                pool.acquire().subscribe(this::granted, client::fail);
            }

            private void granted(PooledRef<Channel> reference) {
                lent = reference;
                client.granted(Channels.exchangeOf(reference.poolable()));
            }

            @Override
            public void release() {
                Objects.requireNonNull(lent).release().subscribe(nothing -> {}, client::fail);
            }

            @Override
            public void discard() {
                Objects.requireNonNull(lent).invalidate().subscribe(nothing -> {}, client::fail);
            }
        };
    }

    @Override
    public void close() {
        pool.dispose();
    }
}
