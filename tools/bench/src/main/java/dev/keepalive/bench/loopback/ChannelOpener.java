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
 * Opens channels to one server. All are on one event loop: it fills one processor, and the server has another. All
 * pools run on this loop, so no contender pays for changing threads.
 */
public final class ChannelOpener implements AutoCloseable {
    private final InetSocketAddress server;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    /** Opens channels to the server at this port of loopback. */
    public ChannelOpener(int port) {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    InetSocketAddress server() {
        return server;
    }

    EventLoopGroup group() {
        return group;
    }

    /** The event loop of all channels. */
    public EventLoop loop() {
        return loop;
    }

    /** A bootstrap for channels with an {@link EchoHandler}. */
    Bootstrap bootstrap() {
        return bare().handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new EchoHandler());
            }
        });
    }

    /** A bootstrap for channels without a handler; the caller adds the {@link EchoHandler}. */
    Bootstrap bare() {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(server);
    }

    /** Opens a channel and waits until it is open. */
    Channel open() {
        return bootstrap().connect().syncUninterruptibly().channel();
    }

    static EchoHandler handlerOf(Channel channel) {
        return channel.pipeline().get(EchoHandler.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
