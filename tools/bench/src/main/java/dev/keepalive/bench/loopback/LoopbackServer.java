package dev.keepalive.bench.loopback;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A server that answers each request with its content. It has one event loop, and runs in a process of its own so that
 * its costs are not measured.
 */
public final class LoopbackServer {
    private static final int BACKLOG = 1024;

    private LoopbackServer() {}

    /**
     * Prints the free port of loopback on which it listens, then serves until its standard input ends.
     *
     * @param arguments the name of a {@link WireFormat}; with TLS also the files of {@link LoopbackTls#serverFiles}
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        WireFormat format = WireFormat.valueOf(arguments[0]);
        SslContext tls = arguments.length == 1 ? null : LoopbackTls.server(arguments[1], arguments[2]);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        format.addServerCodec(channel.pipeline());
                        channel.pipeline().addLast(new Answers(format));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        System.out.println(((InetSocketAddress) server.localAddress()).getPort());
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static final class Answers extends ChannelInboundHandlerAdapter {
        private final WireFormat format;

        Answers(WireFormat format) {
            this.format = format;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(format.answer(context.alloc(), message));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
