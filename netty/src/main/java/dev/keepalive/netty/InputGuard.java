package dev.keepalive.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The permanent handler between the network and the handlers of a lease. It is above TLS, so session tickets and key
 * updates never reach it. Input passes only while a lease has asked for it. At all other times the manager is asked
 * whether the input may be held back for a holder; if not, the connection is closed. Event loop only.
 */
final class InputGuard extends ChannelDuplexHandler {
    private enum Input {
        /** No lease has asked for input. */
        WATCHED,
        /** A lease has asked for input, and gets it in a task that has been submitted. */
        OPENING,
        /** A lease receives input. */
        OPEN,
        /** The lease has ended, and its reset is under way. */
        UNWANTED
    }

    private final NettyLink link;
    private final Queue<Object> held = new ArrayDeque<>();
    private Input input = Input.WATCHED;
    private boolean readingStopped;
    private @Nullable Object heldEnd;
    /** Null while there is no TLS. */
    private @Nullable TlsInputLimit tlsLimit;

    InputGuard(NettyLink link) {
        this.link = link;
    }

    // ---- from the network

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (tlsLimit != null) {
            tlsLimit.reset();
        }
        switch (input) {
            case OPEN -> context.fireChannelRead(message);
            case OPENING -> held.add(message);
            case UNWANTED -> {
                link.unexpectedInput();
                ReferenceCountUtil.release(message);
            }
            case WATCHED -> {
                if (!held.isEmpty() || link.mayHoldInput()) {
                    hold(message);
                } else {
                    ReferenceCountUtil.release(message);
                    link.close();
                }
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!StreamEnd.isEnd(event)) {
            if (!StreamEnd.isOfHalfClosure(event) || link.keepsHalfClosed()) {
                context.fireUserEventTriggered(event);
            }
            return;
        }
        link.markNotReusable();
        link.streamEnd().endedBy(event);
        switch (input) {
            case OPEN -> pass(context, event);
            case OPENING -> holdEnd(event);
            case WATCHED -> {
                if (link.mayHoldEnd(!held.isEmpty())) {
                    holdEnd(event);
                } else {
                    link.close();
                }
            }
            // What was written is flushed first. After that it is seen that the connection is not reusable.
            case UNWANTED -> {}
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        link.markNotReusable();
        link.streamEnd().recordCause(cause);
        if (input == Input.OPEN) {
            link.streamEnd().errorTold();
            context.fireExceptionCaught(cause);
        } else {
            link.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        link.streamEnd().channelClosed();
        // The peer may close before the holder has received the input that came before. That input is still the
        // holder's.
        deliverHeld(context);
        releaseHeld();
        if (input == Input.OPEN && link.epoch().isHandedOut()) {
            tellError(context);
        }
        context.fireChannelInactive();
        link.channelClosed();
    }

    // ---- to the network

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        // A removed handler still has its context. What it writes now would go into the stream of the next holder, or
        // out in the clear.
        if (link.isBetweenProtocols()) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(LeasedConnection.tlsRequested());
            return;
        }
        if (input == Input.WATCHED && !link.epoch().isUsed()) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(LeasedConnection.leaseEnded());
            return;
        }
        context.write(message, link.writes().count(promise));
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        link.streamEnd().closeRequested();
        context.close(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseHeld();
    }

    // ---- for the link

    /** A handshake is done, or about to begin: bounds what the peer sends from now on without data. */
    void limitTls() {
        if (tlsLimit == null) {
            tlsLimit = TlsInputLimit.inFrontOf(link.channel(), reason -> {
                // Without a holder, the connection is dead before anything else happens.
                link.mayHoldInput();
                link.fail(reason);
            });
        }
        tlsLimit.reset();
    }

    /** Asks the manager about input that was read before the dial succeeded. */
    void askAboutHeld() {
        if (!held.isEmpty() && !link.mayHoldInput()) {
            releaseHeld();
            link.close();
        }
    }

    /**
     * Lets input pass. Input that was held back passes first, in a task of its own, so that the caller can finish
     * before.
     */
    void open() {
        if (input != Input.WATCHED) {
            return;
        }
        boolean nothingHeld = held.isEmpty() && heldEnd == null;
        input = nothingHeld ? Input.OPEN : Input.OPENING;
        // Behind the end there is nothing to read, unless the connection is kept, and may break.
        if (heldEnd == null || link.keepsHalfClosed()) {
            resumeReading();
        }
        if (!nothingHeld) {
            link.runLater(() -> deliverHeld(link.channel().pipeline().context(this)));
        }
    }

    /** From now on input belongs to no lease: it makes the connection not reusable. */
    void refuse() {
        input = Input.UNWANTED;
    }

    /**
     * Watches again, and discards what was held back.
     *
     * @return false if something was held back
     */
    boolean watch() {
        boolean empty = held.isEmpty() && heldEnd == null;
        releaseHeld();
        heldEnd = null;
        input = Input.WATCHED;
        resumeReading();
        return empty;
    }

    private void holdEnd(Object event) {
        heldEnd = heldEnd == null ? event : heldEnd;
    }

    private void hold(Object message) {
        held.add(message);
        // Further input waits in the socket, so the memory that is held is bounded.
        readingStopped = true;
        link.channel().config().setAutoRead(false);
    }

    /** @param context null if foreign code has removed this handler: then nothing passes */
    private void deliverHeld(@Nullable ChannelHandlerContext context) {
        if (input != Input.OPENING || context == null) {
            return;
        }
        input = Input.OPEN;
        if (!held.isEmpty()) {
            for (Object message = held.poll(); message != null; message = held.poll()) {
                context.fireChannelRead(message);
            }
            context.fireChannelReadComplete();
        }
        if (heldEnd != null) {
            pass(context, heldEnd);
        }
    }

    /**
     * Passes the end of input, and closes the connection unless it may be half-closed: then {@code channelInactive}
     * tells the handlers of the end, as they know it of Netty. If the stream may have been cut short, the error passes
     * first. A connection that stays open gets the event of a connection without TLS at {@code close_notify} as well,
     * since decoders deliver their last frame only at that event.
     */
    private void pass(ChannelHandlerContext context, Object event) {
        tellError(context);
        boolean keeps = link.keepsHalfClosed();
        if (!StreamEnd.isOfHalfClosure(event) || keeps) {
            context.fireUserEventTriggered(event);
        }
        if (event instanceof SslCloseCompletionEvent && keeps) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        if (!keeps) {
            link.close();
        }
    }

    private void tellError(ChannelHandlerContext context) {
        Throwable error = link.streamEnd().takeError();
        if (error != null) {
            context.fireExceptionCaught(error);
        }
    }

    private void resumeReading() {
        if (readingStopped) {
            readingStopped = false;
            link.channel().config().setAutoRead(true);
        }
    }

    private void releaseHeld() {
        for (Object message = held.poll(); message != null; message = held.poll()) {
            ReferenceCountUtil.release(message);
        }
    }
}
