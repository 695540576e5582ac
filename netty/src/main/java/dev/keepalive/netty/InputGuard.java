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
 * The permanent handler between the wire and what a lease adds to the pipeline; above TLS, so that tickets and key
 * updates never reach it. Input passes only while a lease has asked for it. Otherwise the manager is asked whether it
 * may be held back for somebody; if not, the connection is closed. Event loop only.
 */
final class InputGuard extends ChannelDuplexHandler {
    private enum Input {
        /** Nobody has asked for input. */
        WATCHED,
        /** Somebody has, and gets it in a moment. */
        OPENING,
        OPEN,
        /** The lease has ended, and is being cleaned up after. */
        UNWANTED
    }

    private final NettyLink link;
    private final Queue<Object> held = new ArrayDeque<>();
    private Input input = Input.WATCHED;
    private boolean readingStopped;
    private @Nullable Object heldEnd;

    InputGuard(NettyLink link) {
        this.link = link;
    }

    // ---- from the wire

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
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
            link.notReusable();
            if (input == Input.WATCHED || input == Input.OPENING) {
                heldEnd = heldEnd == null ? event : heldEnd;
                if (input == Input.WATCHED && !link.mayHoldEnd()) {
                    link.close();
                }
                return;
            }
        }
        pass(context, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        link.notReusable();
        link.recordCause(cause);
        if (input == Input.OPEN) {
            context.fireExceptionCaught(cause);
        } else {
            link.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        // What came before is the holder's, though the connection was quicker to end than the holder to take it.
        deliverHeld(context);
        releaseHeld();
        context.fireChannelInactive();
        link.channelClosed();
    }

    // ---- to the wire

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        // A handler that was taken away still has its context: what it writes now would be in the next holder's
        // stream, or in the clear.
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

    /** The dial has succeeded: asks about what was read before that. */
    void askAboutHeld() {
        if (!held.isEmpty() && !link.mayHoldInput()) {
            releaseHeld();
            link.close();
        }
    }

    /**
     * Lets input pass: first what has been held back, if anything; that in a task of its own, so that whoever asks for
     * it can finish before.
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

    /** From now on input is nobody's. */
    void refuse() {
        input = Input.UNWANTED;
    }

    /** Watches again. @return false if something was held back */
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
        // What comes behind waits in the socket, so what is held is bounded.
        readingStopped = true;
        link.channel().config().setAutoRead(false);
    }

    /** @param context null if somebody has taken this handler out: then nothing passes */
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
     * Decoders give up what they have at the end of input only if it is told as it is without TLS; so that is told as
     * well.
     */
    private static void pass(ChannelHandlerContext context, Object event) {
        context.fireUserEventTriggered(event);
        if (event instanceof SslCloseCompletionEvent) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
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
