package dev.keepalive.bench.httpclient;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.concurrent.EventExecutor;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A server of HTTP/1.1 in the clear, or of HTTP/2 over TLS, that answers {@code GET /N} with N bytes. It has one event
 * loop, and runs in a process of its own.
 *
 * <p>At each line of standard input it prints how many connections it has accepted since the last, and closes those
 * that are open.
 */
public final class HttpAnswerServer {
    private static final int BACKLOG = 4_096;
    private static final int MOST_STREAMS = 128;

    private final @Nullable SslContext tls;
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventExecutor loop = loops.next();
    private final ChannelGroup open = new DefaultChannelGroup(loop);
    private final AnswerContent contents = new AnswerContent();
    private int accepted;

    private HttpAnswerServer(@Nullable SslContext tls) {
        this.tls = tls;
    }

    /**
     * Prints the free port of loopback on which it listens, then serves until its standard input ends.
     *
     * @param arguments with TLS the files of the certificate and its key
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        SslContext tls = arguments.length == 0 ? null : tls(new File(arguments[0]), new File(arguments[1]));
        new HttpAnswerServer(tls).serve();
        System.exit(0);
    }

    private static SslContext tls(File certificate, File key) throws IOException {
        return SslContextBuilder.forServer(certificate, key)
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2))
                .build();
    }

    private void serve() throws IOException, InterruptedException {
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted++;
                        open.add(channel);
                        install(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        System.out.println(((InetSocketAddress) server.localAddress()).getPort());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        while (commands.readLine() != null) {
            loop.execute(this::report);
        }
    }

    private void report() {
        System.out.println(accepted);
        accepted = 0;
        open.close();
    }

    private void install(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (tls == null) {
            pipeline.addLast(new HttpServerCodec(), new Http1Answers(contents));
            return;
        }
        pipeline.addLast(tls.newHandler(channel.alloc()));
        pipeline.addLast(new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
            @Override
            protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                    context.pipeline()
                            .addLast(
                                    Http2FrameCodecBuilder.forServer()
                                            .initialSettings(Http2Settings.defaultSettings()
                                                    .maxConcurrentStreams(MOST_STREAMS))
                                            .build(),
                                    new Http2Answers(contents));
                } else {
                    context.pipeline().addLast(new HttpServerCodec(), new Http1Answers(contents));
                }
            }
        });
    }
}
