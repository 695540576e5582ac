package dev.keepalive.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server that answers each request of 64 bytes with the same 64 bytes, and now and then says more than it was asked.
 * What is too much begins with {@link #STRAY}. It counts what it did.
 */
final class ChattyServer implements AutoCloseable {
    static final int SIZE = 64;

    /** The number at the beginning of an answer that answers no request. */
    static final long STRAY = -1;

    /** What it may do beside the answer. */
    enum Kind {
        /** One byte too much, in the same write. */
        BYTE,
        /** A part of another answer, in the same write. */
        PART,
        /** Another answer, in the same write. */
        MESSAGE,
        /** Many other answers, in the same write. */
        MANY,
        /** The answer in two pieces, and one byte too much with the second. */
        SPLIT,
        /** The answer, then the end of the stream. */
        END,
        /** Another answer, some time later: this cannot be told from the answer to the next request. */
        LATER
    }

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    private final Kind[] kinds;
    private final int oneOf;
    private final Random random;

    /** How often it has said too much. */
    final AtomicInteger saidTooMuch = new AtomicInteger();

    final AtomicInteger ended = new AtomicInteger();

    /** Requests on connections on which it had said too much before. */
    final AtomicInteger requestsAfterwards = new AtomicInteger();

    final AtomicInteger open = new AtomicInteger();

    /** @param oneOf one of so many answers is not alone */
    ChattyServer(long seed, int oneOf, @Nullable SslContext tls, Kind... kinds) {
        this.random = new Random(seed);
        this.oneOf = oneOf;
        this.kinds = kinds;
        listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(new FixedLengthFrameDecoder(SIZE), new Answers());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Answers extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean hasSaidTooMuch;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            open.incrementAndGet();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            open.decrementAndGet();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // The client has closed a connection on which too much was said.
            context.close();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf request) {
            if (hasSaidTooMuch) {
                requestsAfterwards.incrementAndGet();
            }
            ByteBuf answer = context.alloc().buffer().writeBytes(request);
            if (random.nextInt(oneOf) > 0) {
                context.writeAndFlush(answer);
                return;
            }
            Kind kind = kinds[random.nextInt(kinds.length)];
            if (kind == Kind.END) {
                ended.incrementAndGet();
                context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            saidTooMuch.incrementAndGet();
            answerTooMuch(context, answer, kind);
            // Only what was sent in one piece is known to be at the client together.
            hasSaidTooMuch = kind != Kind.SPLIT && kind != Kind.LATER;
        }

        private void answerTooMuch(ChannelHandlerContext context, ByteBuf answer, Kind kind) {
            switch (kind) {
                case BYTE -> context.writeAndFlush(answer.writeByte(-1));
                case PART ->
                    context.writeAndFlush(answer.writeLong(STRAY).writeZero(random.nextInt(SIZE - Long.BYTES)));
                case MESSAGE -> context.writeAndFlush(stray(answer));
                case MANY -> {
                    for (int i = 0; i < 100; i++) {
                        stray(answer);
                    }
                    context.writeAndFlush(answer);
                }
                case SPLIT -> {
                    ByteBuf first = answer.readRetainedSlice(1 + random.nextInt(SIZE - 1));
                    context.writeAndFlush(first);
                    context.executor()
                            .schedule(
                                    () -> context.writeAndFlush(answer.writeByte(-1)),
                                    random.nextInt(300),
                                    TimeUnit.MICROSECONDS);
                }
                case LATER -> {
                    context.writeAndFlush(answer);
                    context.executor()
                            .schedule(
                                    () -> context.writeAndFlush(
                                            stray(context.alloc().buffer())),
                                    random.nextInt(300),
                                    TimeUnit.MICROSECONDS);
                }
                case END -> throw new AssertionError("that is not too much");
            }
        }

        private ByteBuf stray(ByteBuf to) {
            return to.writeLong(STRAY).writeZero(SIZE - Long.BYTES);
        }
    }
}
