package dev.keepalive.docs;

import dev.keepalive.Endpoint;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real server for {@link LineStreams}, on sockets of 127.0.0.1. It answers each request with the same text, at once
 * or when the test says so, and counts as a server does: connections, and streams above what the client has
 * acknowledged.
 */
final class LineStreamsServer implements AutoCloseable {
    private static final int BACKLOG = 1_000;

    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger tooMany = new AtomicInteger();
    final AtomicInteger mostStreams = new AtomicInteger();
    final List<Connection> connections = new CopyOnWriteArrayList<>();

    /** What a new connection is told first; negative for nothing. */
    volatile int settings;

    /** Requests wait until {@link Connection#answer}. */
    volatile boolean holds;

    /** The first line of a new connection is that the server goes away. */
    volatile boolean goesAwayAtOnce;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;

    LineStreamsServer(int settings) {
        this.settings = settings;
        listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new LineBasedFrameDecoder(1024), new StringDecoder());
                        channel.pipeline().addLast(new StringEncoder(), new Connection());
                    }
                })
                .option(io.netty.channel.ChannelOption.SO_BACKLOG, BACKLOG)
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    Endpoint endpoint() {
        return Endpoint.of("streams", "127.0.0.1", ((InetSocketAddress) listener.localAddress()).getPort());
    }

    int open() {
        return (int)
                connections.stream().filter(each -> each.channel.isActive()).count();
    }

    /** Runs a task where all connections live, and waits for it. What it asserts fails here. */
    void run(Runnable task) throws Exception {
        try {
            loops.next().submit(task).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError notYet) {
                throw notYet;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** One connection. Its methods run on the loop ({@link LineStreamsServer#run}). */
    final class Connection extends SimpleChannelInboundHandler<String> {
        final Map<Integer, String> streams = new TreeMap<>();
        Channel channel;
        private final Deque<Integer> announced = new ArrayDeque<>();
        private int acknowledged;
        private int lastSeen;
        private int lastProcessed = Integer.MAX_VALUE;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            accepted.incrementAndGet();
            connections.add(this);
            if (goesAwayAtOnce) {
                goAway(0);
            } else if (settings >= 0) {
                announce(settings);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, String line) {
            String[] words = line.split(" ", 2);
            if (words[0].equals("ack")) {
                acknowledged = announced.remove();
            } else if (words[0].equals("cancel")) {
                cancelled.incrementAndGet();
                streams.remove(Integer.valueOf(words[1]));
            } else {
                begin(Integer.parseInt(words[0]), words[1]);
            }
        }

        private void begin(int id, String request) {
            lastSeen = id;
            if (id > lastProcessed) {
                return;
            }
            int allowed = announced.stream().reduce(acknowledged, Math::max);
            if (streams.size() >= allowed) {
                tooMany.incrementAndGet();
            }
            streams.put(id, request);
            mostStreams.accumulateAndGet(streams.size(), Math::max);
            if (!holds) {
                answer(id);
            }
        }

        void announce(int capacity) {
            announced.add(capacity);
            send("settings " + capacity);
        }

        void answer(int id) {
            String request = streams.remove(id);
            if (request != null) {
                send(id + " " + request);
            }
        }

        void answerAll() {
            List.copyOf(streams.keySet()).forEach(this::answer);
        }

        /** Whatever it has begun with this stream, it has not acted on it. */
        void refuse(int id) {
            streams.remove(id);
            send("refused " + id);
        }

        /** Streams after this one are not processed, and never will be. */
        void goAway(int last) {
            lastProcessed = last;
            streams.keySet().removeIf(id -> id > last);
            send("goaway " + last);
        }

        int lastSeen() {
            return lastSeen;
        }

        private void send(String line) {
            channel.writeAndFlush(line + "\n");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
