package dev.keepalive.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The permanent handler between the network and the handlers of a {@link Protocol}, above TLS. It lets input pass while
 * the connection is leased, and holds back what a lease writes that awaits the proof of {@link QuietProof}. Event loop
 * only.
 */
final class ProtocolGate extends ChannelDuplexHandler {
    /** What waits to be written. Only with TLS, which may send by itself what was written and not flushed. */
    private record Held(Object message, ChannelPromise promise) {}

    private final ProtocolLink<?> link;
    private final QuietProof proof;
    private final boolean hasTls;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Queue<Held> held;
    private boolean flushIsHeld;
    private long flushes;
    private long flushesAtRelease;

    /** What arrived before the protocol was installed. */
    private final Queue<Object> early = new ArrayDeque<>(0);

    /** Input has passed since the last release. */
    private boolean answered = true;

    ProtocolGate(ProtocolLink<?> link, QuietProof proof, boolean hasTls) {
        this.link = link;
        this.proof = proof;
        this.hasTls = hasTls;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        failHeld();
    }

    // ---- from the network

    @Override
    public void channelRead(ChannelHandlerContext reader, Object message) {
        if (!link.isInstalled()) {
            // Further input waits in the socket, so what is kept is bounded.
            early.add(message);
            link.channel().config().setAutoRead(false);
            return;
        }
        proof.passBegins();
        // First: an idle connection must be dead before anything else happens, or the next caller would get it.
        boolean wanted = link.inputReceived();
        if (!wanted || proof.isBetweenLeases()) {
            ReferenceCountUtil.release(message);
            link.closeAsStray();
            return;
        }
        answered = true;
        boolean begun = proof.inputBegins(message);
        try {
            reader.fireChannelRead(message);
        } finally {
            if (begun) {
                proof.inputEnds();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reader) {
        // Downstream first: a release there is still in the pass.
        reader.fireChannelReadComplete();
        if (proof.passEnds()) {
            if (proof.lastReadWasShort()) {
                link.prove();
            } else {
                link.proveAfterSelect();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext reader, Object event) {
        boolean isEnd = event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent;
        if (isEnd) {
            tellIfBroken(reader, event instanceof SslCloseCompletionEvent close && close.isSuccess());
        }
        reader.fireUserEventTriggered(event);
        if (isEnd) {
            link.inputEnded();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext reader, Throwable cause) {
        link.end().recordCause(cause);
        // Before the protocol is installed, the dial is told by its handshake.
        if (link.isInstalled()) {
            reader.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext reader) {
        failHeld();
        tellIfBroken(reader, false);
        reader.fireChannelInactive();
        link.channelClosed();
    }

    /** An error comes before the end, so that no codec takes a stream that was cut short for a whole one. */
    private void tellIfBroken(ChannelHandlerContext reader, boolean closeNotify) {
        link.end().streamEnds(closeNotify);
        if (link.isInstalled() && link.end().isBroken()) {
            Throwable cause = link.cause();
            reader.fireExceptionCaught(cause != null ? cause : new ClosedChannelException());
        }
    }

    // ---- to the network

    @Override
    public void write(ChannelHandlerContext writer, Object message, ChannelPromise promise) {
        proof.writing();
        if (hasTls && proof.isBetweenLeases()) {
            if (held == null) {
                held = new ArrayDeque<>();
            }
            held.add(new Held(message, promise));
        } else {
            writer.write(message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext writer) {
        if (proof.isBetweenLeases()) {
            flushIsHeld = true;
        } else {
            flushes++;
            writer.flush();
        }
    }

    /** How often anything was handed on to the socket. */
    long flushes() {
        return flushes;
    }

    /** Writes what was held back. */
    void letGo() {
        ChannelHandlerContext writer = context;
        if (writer != null && flushIsHeld) {
            for (Held next = poll(); next != null; next = poll()) {
                writer.write(next.message, next.promise);
            }
            flushIsHeld = false;
            flushes++;
            writer.flush();
        }
    }

    /** The protocol is installed: passes on what has arrived before. */
    void installed() {
        ChannelHandlerContext reader = context;
        if (reader != null && !early.isEmpty()) {
            for (Object message = early.poll(); message != null; message = early.poll()) {
                channelRead(reader, message);
            }
            channelReadComplete(reader);
            link.channel().config().setAutoRead(true);
        }
    }

    /** A lease has ended, and the next one may begin. */
    void released() {
        answered = false;
        flushesAtRelease = flushes;
    }

    /** Whether the present lease has written, and the peer has said nothing since the release before. */
    boolean isLost() {
        return !answered && (flushIsHeld || flushes != flushesAtRelease);
    }

    private @Nullable Held poll() {
        return held == null ? null : held.poll();
    }

    private void failHeld() {
        for (Object message = early.poll(); message != null; message = early.poll()) {
            ReferenceCountUtil.release(message);
        }
        for (Held next = poll(); next != null; next = poll()) {
            ReferenceCountUtil.release(next.message);
            next.promise.tryFailure(new ClosedChannelException());
        }
    }
}
