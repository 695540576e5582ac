package dev.keepalive.bench.loopback;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Opens channels to one server, all on one event loop: one loop fills one processor, and the server has another; and where there is one loop, all
 * pools are on it, so that none pays for changing threads.
 */
public final class Channels implements AutoCloseable {
    private final InetSocketAddress server;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    /** Of the server at this port of loopback. */
    public Channels(int port) {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    InetSocketAddress server() {
        return server;
    }

    EventLoopGroup group() {
        return group;
    }

    /** Where everything happens. */
    public EventLoop loop() {
        return loop;
    }

    /** Opens channels with an {@link Exchange} in them. */
    Bootstrap bootstrap() {
        return bare().handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Exchange());
            }
        });
    }

    /** Opens channels into which somebody else puts the {@link Exchange}. */
    Bootstrap bare() {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(server);
    }

    /** Opens a channel, and waits for it. */
    Channel open() {
        return bootstrap().connect().syncUninterruptibly().channel();
    }

    static Exchange exchangeOf(Channel channel) {
        return channel.pipeline().get(Exchange.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
