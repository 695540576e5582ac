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
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens channels to one server. All are on one event loop: it fills one processor, and the server has another. All
 * pools run on this loop, so no contender pays for changing threads.
 */
public final class ChannelOpener implements AutoCloseable {
    private final InetSocketAddress server;
    private final WireFormat format;
    private final @Nullable SslContext tls;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    /** Opens channels to the server at this port of loopback. */
    public ChannelOpener(int port) {
        this(port, WireFormat.ECHO, null);
    }

    /** @param tls the settings of TLS; null for channels without */
    ChannelOpener(int port, WireFormat format, @Nullable SslContext tls) {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.format = format;
        this.tls = tls;
    }

    InetSocketAddress server() {
        return server;
    }

    WireFormat format() {
        return format;
    }

    /** The settings of TLS; null if there is none. */
    @Nullable
    SslContext tls() {
        return tls;
    }

    EventLoopGroup group() {
        return group;
    }

    /** The event loop of all channels. */
    public EventLoop loop() {
        return loop;
    }

    /** The id of the event loop's thread. */
    long loopThread() {
        return loop.submit(() -> Thread.currentThread().getId())
                .syncUninterruptibly()
                .getNow();
    }

    /** A bootstrap for channels with all their handlers. */
    Bootstrap bootstrap() {
        return bare().handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                install(channel);
            }
        });
    }

    /** A bootstrap for channels without a handler; the caller calls {@link #install}. */
    Bootstrap bare() {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(server);
    }

    /** Adds the handlers of a client. The last is a {@link RequestHandler}. */
    void install(Channel channel) {
        if (tls != null) {
            String address = server.getAddress().getHostAddress();
            channel.pipeline().addLast(tls.newHandler(channel.alloc(), address, server.getPort()));
        }
        format.addClientCodec(channel.pipeline());
        channel.pipeline().addLast(new RequestHandler(format));
    }

    /** Opens a channel and waits until it is open. */
    Channel open() {
        return bootstrap().connect().syncUninterruptibly().channel();
    }

    static RequestHandler handlerOf(Channel channel) {
        return channel.pipeline().get(RequestHandler.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
