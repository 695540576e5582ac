package dev.keepalive.cli;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.Framing;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.spi.VisibleText;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
import io.netty.handler.codec.string.StringDecoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with any server: typed lines are sent, received lines are printed, with control and format characters
 * made visible.
 */
final class LineConversation implements FrameListener<String> {
    private static final int MAX_LINE = 1024 * 1024;
    private static final Framing<String> LINES = Framing.of(
            String.class,
            () -> List.of(
                    new LineAndRestDecoder(),
                    new StringDecoder(StandardCharsets.UTF_8),
                    new LineEncoder(LineSeparator.WINDOWS, StandardCharsets.UTF_8)));

    private final CliStreams streams;
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

    LineConversation(CliStreams streams) {
        this.streams = streams;
    }

    /**
     * Runs until the server has ended the connection.
     *
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     * @throws ExecutionException if no connection can be opened, or if it breaks
     */
    void run(ConnectionManager<NettyConnection> connections, AcquireRequest request)
            throws InterruptedException, ExecutionException {
        // The answer runs on this thread, after the next line is printed.
        BlockingQueue<Runnable> posted = new LinkedBlockingQueue<>();
        connections.acquire(request, posted::add, this::connected, end::completeExceptionally);
        streams.err().println("Connection is in progress.");
        posted.take().run();
        end.get();
    }

    private void connected(Lease<NettyConnection> lease) {
        streams.err()
                .println(
                        lease.origin() == LeaseOrigin.NEW
                                ? "Connection was established asynchronously."
                                : "Connection was established immediately.");
        lease.connection().start(LINES, this);
    }

    @Override
    public void started(FrameStream<String> frames) {
        Thread typing = new Thread(() -> send(frames), "keepalive-typing");
        typing.setDaemon(true);
        typing.start();
    }

    @Override
    public void input(String line) {
        streams.out().println(visible(line));
    }

    /** The line without what would change the terminal. A tab stays: it only moves to the right. */
    private static String visible(String line) {
        return Arrays.stream(line.split("\t", -1)).map(VisibleText::ofAny).collect(Collectors.joining("\t"));
    }

    @Override
    public void ended(@Nullable Throwable error) {
        if (error == null) {
            end.complete(null);
        } else {
            end.completeExceptionally(error);
        }
        writable(true);
    }

    @Override
    public synchronized void writable(boolean writable) {
        notifyAll();
    }

    /** Sends typed lines, no faster than the server takes them. */
    private void send(FrameStream<String> frames) {
        try {
            BufferedReader typed = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.UTF_8));
            for (String line = typed.readLine(); line != null; line = typed.readLine()) {
                awaitWritable(frames);
                frames.send(line);
            }
            frames.shutdownOutput();
        } catch (IOException | InterruptedException e) {
            end.completeExceptionally(e);
        } catch (IllegalStateException leaseEnded) {
            // the server has ended the connection
        }
    }

    private synchronized void awaitWritable(FrameStream<String> frames) throws InterruptedException {
        while (!frames.isWritable() && !end.isDone()) {
            wait();
        }
    }

    /** Splits lines as {@link Framing#lines()} does; text after the last line break is a line too. */
    private static final class LineAndRestDecoder extends LineBasedFrameDecoder {
        LineAndRestDecoder() {
            super(MAX_LINE, true, true);
        }

        @Override
        protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
            super.decodeLast(context, in, out);
            if (in.isReadable()) {
                out.add(in.readRetainedSlice(in.readableBytes()));
            }
        }
    }
}
