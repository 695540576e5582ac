package dev.keepalive.bench.contenders;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.pool.AbstractChannelPoolHandler;
import io.netty.channel.pool.ChannelHealthChecker;
import io.netty.channel.pool.FixedChannelPool;
import io.netty.channel.pool.FixedChannelPool.AcquireTimeoutAction;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A map of Netty's fixed pools, all on one event loop, with Netty's default health check. */
final class NettyPoolAdapter implements PoolAdapter {
    private final EventLoop loop = new DefaultEventLoop(new DefaultThreadFactory("netty-pool", true));
    private final PoolMap<FixedChannelPool> pools;
    private final boolean confined;

    /** @param confined true to run cycles on the event loop */
    NettyPoolAdapter(PoolConfig config, boolean confined) {
        this.pools =
                new PoolMap<>(config, endpoint -> new NoIoChannelPool(loop, config.perEndpoint(), config.timeout()));
        this.confined = confined;
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        Future<Channel> answer = pools.at(endpoint).acquire();
        return answer.isSuccess() ? answer.getNow() : answer.get();
    }

    @Override
    public void release(int endpoint, Object lease) {
        pools.at(endpoint).release((Channel) lease);
    }

    @Override
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        Future<Channel> answer = pools.at(endpoint).acquire();
        answer.addListener((FutureListener<Channel>) done -> {
            if (done.isSuccess()) {
                then.accept(done.getNow());
            }
        });
        return answer;
    }

    /** Only marks the waiter: the pool skips it when its turn comes. */
    @Override
    public void withdraw(int endpoint, Object waiter) {
        ((Future<?>) waiter).cancel(false);
    }

    @Override
    public Object spare(int endpoint) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(NoIoChannel::new)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                })
                .register()
                .syncUninterruptibly()
                .channel();
    }

    @Override
    public void confine(Runnable cycles) {
        if (confined) {
            loop.submit(cycles).syncUninterruptibly();
        } else {
            cycles.run();
        }
    }

    @Override
    public void close() {
        // Does not wait: the loop's thread is a daemon.
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Netty's pool, with channels that need no network. */
    private static final class NoIoChannelPool extends FixedChannelPool {
        NoIoChannelPool(EventLoop loop, int connections, @Nullable Duration timeout) {
            super(
                    new Bootstrap().group(loop).channelFactory(NoIoChannel::new),
                    new EmptyPoolHandler(),
                    ChannelHealthChecker.ACTIVE,
                    timeout == null ? null : AcquireTimeoutAction.FAIL,
                    timeout == null ? -1 : timeout.toMillis(),
                    connections,
                    Integer.MAX_VALUE);
        }

        @Override
        protected ChannelFuture connectChannel(Bootstrap bootstrap) {
            return bootstrap.register();
        }
    }

    /** Does nothing with new channels. */
    private static final class EmptyPoolHandler extends AbstractChannelPoolHandler {
        @Override
        public void channelCreated(Channel channel) {}
    }
}
