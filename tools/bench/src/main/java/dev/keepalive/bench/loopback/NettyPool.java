package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import io.netty.channel.pool.ChannelPool;
import io.netty.channel.pool.ChannelPoolHandler;
import io.netty.channel.pool.FixedChannelPool;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Netty's {@code FixedChannelPool}, which checks the health of each channel that it lends, on its loop. */
final class NettyPool implements Lender {
    private final ChannelPool pool;

    NettyPool(Channels channels, int limit) {
        pool = new FixedChannelPool(channels.bare(), new Filler(), limit);
    }

    @Override
    public Borrower borrower(Client client) {
        return new Borrower() {
            private @Nullable Channel lent;

            @Override
            public void acquire() {
                pool.acquire().addListener(this::granted);
            }

            private void granted(Future<? super Channel> acquired) {
                if (acquired.isSuccess()) {
                    Channel channel = (Channel) acquired.getNow();
                    lent = channel;
                    client.granted(Channels.exchangeOf(channel));
                } else {
                    client.fail(acquired.cause());
                }
            }

            @Override
            public void release() {
                pool.release(Objects.requireNonNull(lent));
            }
        };
    }

    @Override
    public void close() {
        pool.close();
    }

    private static final class Filler implements ChannelPoolHandler {
        @Override
        public void channelCreated(Channel channel) {
            channel.pipeline().addLast(new Exchange());
        }

        @Override
        public void channelAcquired(Channel channel) {}

        @Override
        public void channelReleased(Channel channel) {}
    }
}
