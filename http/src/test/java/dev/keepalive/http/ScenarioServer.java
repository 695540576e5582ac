package dev.keepalive.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A server whose answer depends on the path of the request: {@link ScenarioHandler} has the list. It speaks HTTP/1.1 in
 * the clear, or by ALPN HTTP/2 and HTTP/1.1. It records the requests that it sees, and counts its connections.
 */
final class ScenarioServer implements AutoCloseable {
    private static final int SOCKET_BUFFER = 64 * 1024;
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("scenario-server", true), NioIoHandler.newFactory());

    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Queue<SeenRequest> seen = new ConcurrentLinkedQueue<>();
    private final List<Integer> clientPorts = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();
    private final CompletableFuture<ChannelHandlerContext> deaf = new CompletableFuture<>();
    private final @Nullable SslContext tls;
    private final Http2Settings settings;
    private final Channel listener;

    private ScenarioServer(@Nullable SslContext tls, Http2Settings settings) throws Exception {
        this.tls = tls;
        this.settings = settings;
        listener = new ServerBootstrap()
                .group(LOOPS)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.incrementAndGet();
                        clientPorts.add(((InetSocketAddress) channel.remoteAddress()).getPort());
                        connections.add(channel);
                        accept(channel.pipeline());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
    }

    /** HTTP/1.1 in the clear. */
    static ScenarioServer clear() throws Exception {
        return new ScenarioServer(null, Http2Settings.defaultSettings());
    }

    /** TLS; ALPN chooses among the protocols of these settings. */
    static ScenarioServer tls(SslContext tls) throws Exception {
        return new ScenarioServer(tls, Http2Settings.defaultSettings());
    }

    /** The same with these settings for HTTP/2. */
    static ScenarioServer tls(SslContext tls, Http2Settings settings) throws Exception {
        return new ScenarioServer(tls, settings);
    }

    private void accept(ChannelPipeline pipeline) {
        if (tls == null) {
            http1(pipeline);
            return;
        }
        pipeline.addLast(tls.newHandler(pipeline.channel().alloc()));
        pipeline.addLast(new ApplicationProtocolNegotiationHandler("http/1.1") {
            @Override
            protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                if (protocol.equals("h2")) {
                    http2(context.pipeline());
                } else {
                    http1(context.pipeline());
                }
            }

            @Override
            protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
                context.close(); // some cases are meant to fail
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        });
    }

    private void http1(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec());
        pipeline.addLast(new ScenarioHandler(this, false));
    }

    private void http2(ChannelPipeline pipeline) {
        pipeline.addLast(Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .validateHeaders(false)
                .build());
        pipeline.addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline()
                        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                        .addLast(new ScenarioHandler(ScenarioServer.this, true));
            }
        }));
    }

    SeenRequest see(SeenRequest request) {
        seen.add(request);
        return request;
    }

    /** The requests that came since the last call, but for those whose body was not complete. */
    List<SeenRequest> takeSeen() {
        List<SeenRequest> taken = new ArrayList<>();
        for (SeenRequest each = seen.poll(); each != null; each = seen.poll()) {
            if (each.isComplete()) {
                taken.add(each);
            }
        }
        return taken;
    }

    /** How many connections came since the last call. */
    int takeAccepted() {
        return accepted.getAndSet(0);
    }

    /** The port of the client for each connection, in their order. */
    List<Integer> clientPorts() {
        return clientPorts;
    }

    /** How many bytes the connections have taken of the bodies of {@code /flood}. */
    AtomicLong written() {
        return written;
    }

    /** Does not read the body of this request until {@link #hear}. */
    void deaf(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(false);
        deaf.complete(context);
    }

    /** Returns when there is a request whose body is not read. */
    void awaitDeaf() {
        deaf.orTimeout(1, TimeUnit.MINUTES).join();
    }

    /** Reads the body of that request. */
    void hear() {
        ChannelHandlerContext context = deaf.join();
        context.executor().execute(() -> {
            context.channel().config().setAutoRead(true);
            context.read();
        });
    }

    int openConnections() {
        return connections.size();
    }

    void closeConnections() {
        connections.close().awaitUninterruptibly();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    URI uri(String path) {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port() + path);
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        closeConnections();
    }
}
