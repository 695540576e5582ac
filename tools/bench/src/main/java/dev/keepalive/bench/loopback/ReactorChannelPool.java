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

/** reactor-pool over channels. */
final class ReactorChannelPool implements ChannelPoolAdapter {
    private final InstrumentedPool<Channel> pool;

    ReactorChannelPool(ChannelOpener opener, int limit) {
        Mono<Channel> opened = Mono.create(sink -> open(opener, sink));
        pool = PoolBuilder.from(opened).sizeBetween(0, limit).buildPool();
    }

    private static void open(ChannelOpener opener, MonoSink<Channel> sink) {
        opener.bootstrap().connect().addListener((ChannelFuture connected) -> {
            if (connected.isSuccess()) {
                sink.success(connected.channel());
            } else {
                sink.error(connected.cause());
            }
        });
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new ChannelSource() {
            private @Nullable PooledRef<Channel> held;

            @Override
            public void acquire() {
                pool.acquire().subscribe(this::granted, client::fail);
            }

            private void granted(PooledRef<Channel> reference) {
                held = reference;
                client.granted(ChannelOpener.handlerOf(reference.poolable()));
            }

            @Override
            public void release() {
                Objects.requireNonNull(held).release().subscribe(nothing -> {}, client::fail);
            }

            @Override
            public void discard() {
                Objects.requireNonNull(held).invalidate().subscribe(nothing -> {}, client::fail);
            }
        };
    }

    @Override
    public void close() {
        pool.dispose();
    }
}
