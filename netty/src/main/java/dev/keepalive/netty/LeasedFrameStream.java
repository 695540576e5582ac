package dev.keepalive.netty;

import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The {@link FrameStream} of a connection that was started. Safe from any thread. Each call is a task on the event
 * loop, which checks that the lease has not ended before it writes anything.
 *
 * @param <T> the type of frame
 */
final class LeasedFrameStream<T> implements FrameStream<T> {
    private final LeasedConnection connection;
    private final NettyLink link;
    private final Framing<T> framing;
    private final FrameReader<T> reader;
    private final LeasedConnection.Era era;
    // Event loop only.
    private boolean outputEnded;

    LeasedFrameStream(
            LeasedConnection connection, Framing<T> framing, FrameReader<T> reader, LeasedConnection.Era era) {
        this.connection = connection;
        this.link = connection.link();
        this.framing = framing;
        this.reader = reader;
        this.era = era;
    }

    @Override
    public CompletionStage<Void> send(T frame) {
        Objects.requireNonNull(frame, "frame");
        framing.check(frame);
        check();
        CompletableFuture<Void> sent = LoopFuture.on(link.channel().eventLoop());
        connection.runOnLoop(() -> write(frame, sent));
        return sent;
    }

    @Override
    public boolean isWritable() {
        return link.channel().isWritable();
    }

    @Override
    public void pauseInput() {
        runIfLeased(reader::pause);
    }

    @Override
    public void resumeInput() {
        runIfLeased(reader::resume);
    }

    @Override
    public void shutdownInput() {
        runIfLeased(reader::refuseInput);
    }

    @Override
    public void shutdownOutput() {
        runIfLeased(this::endOutput);
    }

    private void write(T frame, CompletableFuture<Void> sent) {
        if (connection.isTooLate(era) || outputEnded) {
            ReferenceCountUtil.release(frame);
            sent.completeExceptionally(tooLateException());
            return;
        }
        link.channel().write(frame).addListener(written -> complete(sent, written));
        link.flushSoon();
    }

    private IllegalStateException tooLateException() {
        if (outputEnded) {
            return new IllegalStateException("the output is shut down");
        }
        return connection.overException(era);
    }

    private static void complete(CompletableFuture<Void> sent, Future<?> written) {
        if (written.isSuccess()) {
            sent.complete(null);
        } else {
            sent.completeExceptionally(written.cause());
        }
    }

    private void endOutput() {
        if (outputEnded) {
            return;
        }
        outputEnded = true;
        link.markNotReusable();
        link.channel().flush();
        link.writes().whenDone(this::halfClose);
    }

    private void halfClose() {
        DuplexChannel channel = link.channel();
        SslHandler tls = link.tls();
        if (tls == null) {
            channel.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(sent -> channel.shutdownOutput());
        }
    }

    private void runIfLeased(Runnable task) {
        check();
        connection.runOnLoop(() -> {
            if (!connection.isTooLate(era)) {
                task.run();
            }
        });
    }

    /** @throws IllegalStateException if the lease has ended, or TLS has been asked for since */
    private void check() {
        if (connection.isOver(era)) {
            throw connection.overException(era);
        }
    }
}
