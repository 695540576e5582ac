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
    /** The handlers of the lease have been told of an error. */
    private boolean errorTold;

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
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            link.markNotReusable();
            link.streamEnd().tellsOfEnd(event);
            if (input == Input.WATCHED || input == Input.OPENING) {
                heldEnd = heldEnd == null ? event : heldEnd;
                if (input == Input.WATCHED && !link.mayHoldEnd()) {
                    link.close();
                }
                return;
            }
            pass(context, event);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        link.markNotReusable();
        link.streamEnd().recordCause(cause);
        if (input == Input.OPEN) {
            tellError(context, cause);
        } else {
            link.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        // The peer may close before the holder has received the input that came before. That input is still the
        // holder's.
        deliverHeld(context);
        releaseHeld();
        if (input == Input.OPEN && link.isHandedOut() && isBroken()) {
            tellError(context, link.streamEnd().closeCause());
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
        if (input == Input.WATCHED && !link.isUsed()) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(LeasedConnection.leaseEnded());
            return;
        }
        context.write(message, link.writes().count(promise));
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
        if (held.isEmpty() && heldEnd == null) {
            input = Input.OPEN;
            resumeReading();
        } else {
            input = Input.OPENING;
            resumeReading();
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
     * Passes the end of input. If it is the end of a stream that may have been cut short, the error passes first:
     * decoders take the end for that of a message (RFC 9112, section 9.8). At {@code close_notify} the event of a
     * connection without TLS is passed as well, since decoders deliver their last frame only at that event.
     */
    private void pass(ChannelHandlerContext context, Object event) {
        Throwable truncation = link.streamEnd().truncation();
        if (truncation != null && !errorTold) {
            tellError(context, truncation);
        }
        context.fireUserEventTriggered(event);
        if (event instanceof SslCloseCompletionEvent) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    private void tellError(ChannelHandlerContext context, Throwable error) {
        errorTold = true;
        context.fireExceptionCaught(error);
    }

    /** Whether the channel is closed though nothing has told of the end. Decoders would take it for a proper end. */
    private boolean isBroken() {
        return !errorTold && !link.streamEnd().isSeen() && !link.streamEnd().isByClosing();
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
