package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import io.netty.channel.pool.ChannelPool;
import io.netty.channel.pool.ChannelPoolHandler;
import io.netty.channel.pool.FixedChannelPool;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Netty's {@code FixedChannelPool}, which checks the health of each channel on its event loop before an acquire
 * succeeds.
 */
final class NettyChannelPool implements ChannelPoolAdapter {
    private final ChannelPool pool;

    NettyChannelPool(ChannelOpener opener, int limit) {
        pool = new FixedChannelPool(opener.bare(), new Installer(opener), limit);
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        return new ChannelSource() {
            private @Nullable Channel held;

            @Override
            public void acquire() {
                pool.acquire().addListener(this::granted);
            }

            private void granted(Future<? super Channel> acquired) {
                if (acquired.isSuccess()) {
                    Channel channel = (Channel) acquired.getNow();
                    held = channel;
                    client.granted(ChannelOpener.handlerOf(channel));
                } else {
                    client.fail(acquired.cause());
                }
            }

            @Override
            public void release() {
                pool.release(Objects.requireNonNull(held));
            }
        };
    }

    @Override
    public void close() {
        pool.close();
    }

    private record Installer(ChannelOpener opener) implements ChannelPoolHandler {
        @Override
        public void channelCreated(Channel channel) {
            opener.install(channel);
        }

        @Override
        public void channelAcquired(Channel channel) {}

        @Override
        public void channelReleased(Channel channel) {}
    }
}
