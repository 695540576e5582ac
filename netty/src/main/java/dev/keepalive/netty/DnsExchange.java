package dev.keepalive.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One question to one name server: over UDP, and over TCP if the answer does not fit. Each has a socket of its own, and
 * so a port that an attacker has to guess, like the identifier (RFC 5452, section 4). The socket is connected, so that
 * a server that does not run is noticed at once. Event loop only.
 */
final class DnsExchange {
    /** Receives the result, once, never within {@link #begin}. */
    interface Listener {
        void answered(DnsMessage answer);

        void failed(NameServerException failure);
    }

    private static final int MAX_DATAGRAM = 4_096;
    private static final int MAX_MESSAGE = 65_535;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Transport transport;
    private final EventLoop loop;
    private final InetSocketAddress server;
    private final DnsMessage.Question question;
    private final Duration timeout;
    private final Listener listener;
    private final int id = RANDOM.nextInt(1 << 16);
    private @Nullable Channel channel;
    private @Nullable Future<?> timer;
    private @Nullable DnsMessage truncated;
    private boolean ended;

    DnsExchange(
            Transport transport,
            EventLoop loop,
            InetSocketAddress server,
            DnsMessage.Question question,
            Duration timeout,
            Listener listener) {
        this.transport = transport;
        this.loop = loop;
        this.server = server;
        this.question = question;
        this.timeout = timeout;
        this.listener = listener;
    }

    void begin() {
        byte[] query = DnsMessage.query(id, question);
        Bootstrap udp = new Bootstrap()
                .channel(transport.udp())
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(new Receiver());
        send(udp, Unpooled.wrappedBuffer(query));
    }

    /** Gives up: the listener is not called any more. */
    void stop() {
        ended = true;
        closeSocket();
    }

    private void askOverTcp() {
        byte[] query = DnsMessage.query(id, question);
        Bootstrap tcp = new Bootstrap()
                .channel(transport.tcpClass())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE + 2, 0, 2, 0, 2), new Receiver());
                    }
                });
        send(tcp, Unpooled.buffer().writeShort(query.length).writeBytes(query));
    }

    private void send(Bootstrap bootstrap, ByteBuf message) {
        closeSocket();
        timer = loop.schedule(
                () -> fail("did not answer within " + timeout.toMillis() + " ms", null),
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
        ChannelFuture connected = bootstrap.group(loop).disableResolver().connect(server);
        channel = connected.channel();
        connected.addListener(done -> {
            if (done.isSuccess()) {
                connected.channel().writeAndFlush(message).addListener(this::failLater);
            } else {
                message.release();
                failLater(done);
            }
        });
    }

    /** In a later task, since a socket that cannot be opened is told of within the call, or on another thread. */
    private void failLater(Future<?> result) {
        Throwable cause = result.cause();
        if (cause != null && !loop.isShuttingDown()) {
            loop.execute(() -> fail("cannot be reached: " + cause.getMessage(), cause));
        }
    }

    private void closeSocket() {
        if (timer != null) {
            timer.cancel(false);
        }
        Channel open = channel;
        channel = null;
        // A socket that could not be opened belongs to no event loop, which would have to close it.
        if (open != null && open.isOpen()) {
            open.close();
        }
    }

    private void received(byte[] bytes) {
        DnsMessage answer;
        try {
            answer = DnsMessage.parse(bytes);
        } catch (IllegalArgumentException e) {
            if (DnsMessage.hasId(bytes, id)) {
                fail("sent an answer that cannot be read: " + e.getMessage(), e);
            }
            return;
        }
        if (answer.id() != id || !isAnswered(answer)) {
            // It may be forged, so it must not end the wait for the true answer (RFC 5452, section 9.1).
            return;
        }
        if (answer.truncated() && truncated == null) {
            truncated = answer;
            askOverTcp();
        } else {
            end(answer);
        }
    }

    private boolean isAnswered(DnsMessage answer) {
        return answer.question() == null ? answer.code() != DnsMessage.NO_ERROR : question.equals(answer.question());
    }

    private void end(DnsMessage answer) {
        if (!ended) {
            stop();
            listener.answered(answer);
        }
    }

    private void fail(String what, @Nullable Throwable cause) {
        if (ended) {
            return;
        }
        DnsMessage partial = truncated;
        if (partial != null && !partial.records().isEmpty()) {
            end(partial);
            return;
        }
        stop();
        listener.failed(new NameServerException(server, what, cause));
    }

    /** Passes on what comes from the socket, as long as it is the one in use. */
    private final class Receiver extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                if (context.channel() == channel) {
                    ByteBuf content =
                            message instanceof DatagramPacket datagram ? datagram.content() : (ByteBuf) message;
                    received(ByteBufUtil.getBytes(content));
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (context.channel() == channel) {
                boolean refused = cause instanceof PortUnreachableException;
                fail(refused ? "refuses: it does not run" : "cannot be reached: " + cause.getMessage(), cause);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (context.channel() == channel) {
                fail("closed the connection without an answer", null);
            }
        }
    }
}
