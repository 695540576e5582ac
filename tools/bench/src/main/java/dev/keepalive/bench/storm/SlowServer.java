package dev.keepalive.bench.storm;

import dev.keepalive.bench.loopback.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that accepts one connection per interval, answers each request after a delay, and closes all connections on
 * command. It counts the connections open at once, and runs in a process of its own.
 *
 * <p>It reads commands from standard input. {@code drop} closes all connections at once. {@code report} prints two
 * numbers: the most connections open at once since the last report, and the mean interval in nanoseconds between the
 * accepts since the last drop or report.
 */
public final class SlowServer {
    private static final int BACKLOG = 1024;

    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final EventLoop loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next();
    private final long interval;
    private final long delay;

    // Event loop only.
    private final Set<NioSocketChannel> open = new HashSet<>();
    private int mostOpen;
    private int accepted;
    private long firstAccepted;
    private long lastAccepted;

    private SlowServer(long interval, long delay) throws IOException {
        this.interval = interval;
        this.delay = delay;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    }

    /** Serves until standard input ends. The arguments: the interval and the delay of answers, in microseconds. */
    public static void main(String... arguments) throws IOException {
        SlowServer slow = new SlowServer(
                TimeUnit.MICROSECONDS.toNanos(Long.parseLong(arguments[0])),
                TimeUnit.MICROSECONDS.toNanos(Long.parseLong(arguments[1])));
        Thread accepting = new Thread(slow::accept, "accept");
        accepting.setDaemon(true);
        accepting.start();
        System.out.println(slow.server.socket().getLocalPort());
        slow.readCommands(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)));
        System.exit(0);
    }

    private void readCommands(BufferedReader commands) throws IOException {
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("drop")) {
                loop.execute(this::drop);
            } else {
                loop.execute(this::report);
            }
        }
    }

    private void accept() {
        try {
            long next = System.nanoTime();
            while (true) {
                SocketChannel socket = server.accept();
                long now = System.nanoTime();
                loop.execute(() -> accepted(socket, now));
                next = Math.max(next, now) + interval;
                for (long left = next - now; left > 0; left = next - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accepted(SocketChannel socket, long now) {
        firstAccepted = accepted == 0 ? now : firstAccepted;
        lastAccepted = now;
        accepted++;
        NioSocketChannel channel = new NioSocketChannel(socket);
        open.add(channel);
        mostOpen = Math.max(mostOpen, open.size());
        channel.pipeline().addLast(new DelayedEcho());
        channel.closeFuture().addListener(closed -> open.remove(channel));
        loop.register(channel);
    }

    /** Counts the connections as closed before a client can notice. */
    private void drop() {
        accepted = 0;
        Set<NioSocketChannel> lost = Set.copyOf(open);
        open.clear();
        lost.forEach(NioSocketChannel::close);
    }

    private void report() {
        long mean = accepted < 2 ? 0 : (lastAccepted - firstAccepted) / (accepted - 1);
        System.out.println(mostOpen + " " + mean);
        mostOpen = open.size();
        accepted = 0;
    }

    private final class DelayedEcho extends ChannelInboundHandlerAdapter {
        private int read;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            read += bytes.readableBytes();
            context.write(bytes);
            if (read >= WireFormat.SIZE) {
                read -= WireFormat.SIZE;
                loop.schedule(context::flush, delay, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
