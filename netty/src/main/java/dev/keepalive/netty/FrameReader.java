package dev.keepalive.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.UnsupportedMessageTypeException;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of a lease that was started. It passes frames to the listener. Event loop only.
 *
 * @param <T> the type of frame
 */
final class FrameReader<T> extends ChannelInboundHandlerAdapter {
    private final LeasedConnection connection;
    private final NettyLink link;
    private final Framing<T> framing;
    private final FrameListener<T> listener;
    private final LeasedFrameStream<T> frames;

    /** Frames that a decoder had ready when the input was paused: at most those of one read. */
    private final Queue<Object> waiting = new ArrayDeque<>();

    private final LeasedConnection.Era era;

    private boolean paused;
    private boolean draining;
    private boolean inputRefused;
    private boolean endReached;
    private @Nullable Throwable endError;
    private boolean ended;

    /** @param era the era in which it is started */
    FrameReader(LeasedConnection connection, LeasedConnection.Era era, Framing<T> framing, FrameListener<T> listener) {
        this.connection = connection;
        this.link = connection.link();
        this.era = era;
        this.framing = framing;
        this.listener = listener;
        this.frames = new LeasedFrameStream<>(connection, framing, this, era);
    }

    LeasedFrameStream<T> frames() {
        return frames;
    }

    void start() {
        if (connection.isTooLate(era)) {
            return;
        }
        StreamEnd streamEnd = link.streamEnd();
        if (!link.channel().isActive()) {
            end(streamEnd.isBroken() || !streamEnd.hasEnded() ? streamEnd.closeCause() : null);
            return;
        }
        // From here on the pipeline refers to the lease, so the lease stays reachable.
        try {
            List<ChannelHandler> handlers = new ArrayList<>(framing.newHandlers());
            handlers.add(this);
            link.add(handlers);
        } catch (Throwable e) {
            fail(e);
            return;
        }
        link.writes().onFlushed(this::flushed);
        callIfLeased(() -> listener.started(frames));
    }

    // ---- calls of the holder

    void pause() {
        paused = true;
        link.channel().config().setAutoRead(false);
    }

    void resume() {
        paused = false;
        drain();
        if (!paused) {
            link.channel().config().setAutoRead(true);
        }
    }

    void refuseInput() {
        inputRefused = true;
        dropWaiting();
        link.markNotReusable();
        link.channel().shutdownInput();
    }

    // ---- events of the channel

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (endError != null) {
            // A decoder takes the end of a stream that was cut short for the end of its message.
            link.unexpectedInput();
            ReferenceCountUtil.release(message);
        } else if (paused || draining) {
            waiting.add(message);
        } else {
            deliver(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // With TLS the input guard passes this event too, when decoders have delivered their last frame.
        if (event instanceof ChannelInputShutdownEvent && !inputRefused) {
            endReached = true;
            if (!paused && !draining) {
                reportEndOfInput();
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = link.channel().isWritable();
        callIfLeased(() -> listener.writable(writable));
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause != link.streamEnd().truncation()) {
            fail(cause);
        } else if (!inputRefused) {
            endError = cause;
            endReached = true;
            if (!paused && !draining) {
                reportEndOfInput();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(link.streamEnd().isByClosing() ? null : link.streamEnd().closeCause());
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        dropWaiting();
    }

    private void flushed() {
        callIfLeased(listener::flushed);
    }

    private void reportEndOfInput() {
        Throwable error = endError != null ? endError : link.streamEnd().cause();
        if (error == null) {
            end(null);
        } else {
            fail(error);
        }
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        while (!paused && !waiting.isEmpty()) {
            deliver(waiting.remove());
        }
        draining = false;
        if (!paused && endReached) {
            reportEndOfInput();
        }
    }

    private void deliver(Object message) {
        try {
            if (ended || inputRefused || connection.isOver(era)) {
                link.unexpectedInput();
            } else if (framing.type().isInstance(message)) {
                T frame = framing.type().cast(message);
                call(() -> listener.input(frame));
            } else {
                fail(new UnsupportedMessageTypeException(message, framing.type()));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Calls the listener, unless this era is over. */
    private void callIfLeased(Runnable foreign) {
        if (!connection.isOver(era)) {
            call(foreign);
        }
    }

    /** Calls the listener. What it throws invalidates this lease, and affects no other. */
    private void call(Runnable foreign) {
        try {
            foreign.run();
        } catch (Throwable thrown) {
            boolean first = beginEnd();
            link.markNotReusable();
            connection.lease().invalidate(thrown);
            if (first) {
                reportEnded(thrown);
            }
        }
    }

    /** Ends the connection with an error. */
    private void fail(Throwable reason) {
        boolean first = beginEnd();
        link.fail(reason);
        if (first) {
            reportEnded(reason);
        }
    }

    private void end(@Nullable Throwable error) {
        if (beginEnd()) {
            reportEnded(error);
        }
    }

    /**
     * Marks the end. An end causes other events, such as the close, which may call this again.
     *
     * @return false if the end has begun before
     */
    private boolean beginEnd() {
        boolean first = !ended;
        ended = true;
        dropWaiting();
        return first;
    }

    private void reportEnded(@Nullable Throwable error) {
        if (connection.isGivenUp(era)) {
            return;
        }
        try {
            listener.ended(error);
        } catch (Throwable thrown) {
            connection.lease().invalidate(thrown);
        }
    }

    private void dropWaiting() {
        while (!waiting.isEmpty()) {
            link.unexpectedInput();
            ReferenceCountUtil.release(waiting.remove());
        }
    }
}
