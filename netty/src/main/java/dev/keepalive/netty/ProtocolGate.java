package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The permanent handler between the network and the handlers of a {@link Protocol}, above TLS. It lets input pass while
 * the connection is leased, and holds back what a lease writes that awaits the proof of {@link QuietProof}. Event loop
 * only.
 */
class ProtocolGate extends ChannelDuplexHandler {
    /** What waits to be written. Only with TLS, which may send by itself what was written and not flushed. */
    private record Held(Object message, ChannelPromise promise) {}

    private final ProtocolLink<?> link;
    private final QuietProof proof;
    private @Nullable ChannelHandlerContext context;
    private @Nullable TlsInputLimit tlsLimit;
    private @Nullable Queue<Held> held;
    private boolean flushIsHeld;
    private long flushes;

    /** What arrived before the protocol was installed. */
    private final Queue<Object> early = new ArrayDeque<>(0);

    /** Input has passed since something was written. */
    private boolean answered;

    /** What was written last came behind an answer. */
    private boolean reused;

    /** What is written now is the farewell of the session: nothing answers it. */
    private boolean farewell;

    /** The network, or TLS, has told of an error. A handler that the program has added may tell of other ones. */
    private boolean broken;

    ProtocolGate(ProtocolLink<?> link, QuietProof proof) {
        this.link = link;
        this.proof = proof;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        failHeld();
        proof.ended();
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
        tlsHasData();
        proof.passBegins();
        // First: an idle connection must be dead before anything else happens, or the next caller would get it.
        boolean wanted = link.inputReceived();
        if (!wanted || proof.isBetweenLeases()) {
            ReferenceCountUtil.release(message);
            link.closeAsStray();
            return;
        }
        if (!answered && reused) {
            link.habit().answered();
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
        // A part of a record on a connection that is idle: the rest would reach the next holder.
        if (proof.isTlsUnread() && link.isInstalled() && !link.inputReceived()) {
            link.closeAsStray();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext reader, Object event) {
        boolean isEnd = StreamEnd.isEnd(event);
        if (isEnd) {
            link.streamEnd().endedBy(event);
            tellError(reader);
        }
        if (!StreamEnd.isOfHalfClosure(event) || link.keepsHalfClosed()) {
            reader.fireUserEventTriggered(event);
        }
        if (isEnd) {
            link.closeIfEnded();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext reader, Throwable cause) {
        broken |= cause instanceof IOException;
        link.streamEnd().recordCause(cause);
        // Before the protocol is installed, the dial is told by its handshake.
        if (link.isInstalled()) {
            link.streamEnd().errorTold();
            reader.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext reader) {
        failHeld();
        link.streamEnd().channelClosed();
        tellError(reader);
        reader.fireChannelInactive();
        link.channelClosed();
    }

    /** An error comes before the end, so that no codec takes a stream that was cut short for a whole one. */
    private void tellError(ChannelHandlerContext reader) {
        Throwable error = link.isInstalled() ? link.streamEnd().takeError() : null;
        if (error != null) {
            reader.fireExceptionCaught(error);
        }
    }

    // ---- to the network

    @Override
    public void write(ChannelHandlerContext writer, Object message, ChannelPromise promise) {
        requireBytes(message);
        if (farewell) {
            writer.write(message, promise);
            return;
        }
        proof.writing();
        reused |= answered;
        answered = false;
        if (proof.hasTls() && proof.isBetweenLeases()) {
            if (held == null) {
                held = new ArrayDeque<>();
            }
            held.add(new Held(message, promise));
        } else {
            writer.write(message, promise);
        }
    }

    /** A channel would drop the failure of a write without a promise of its own, and the holder would wait for ever. */
    static void requireBytes(Object message) {
        if (!(message instanceof ByteBuf || message instanceof FileRegion)) {
            ReferenceCountUtil.release(message);
            throw new UnsupportedOperationException(
                    "only bytes can be sent, not a " + message.getClass().getName() + ": is an encoder missing?");
        }
    }

    @Override
    public void close(ChannelHandlerContext writer, ChannelPromise promise) {
        link.streamEnd().closeRequested();
        writer.close(promise);
    }

    @Override
    public void flush(ChannelHandlerContext writer) {
        if (proof.isBetweenLeases() && !farewell) {
            flushIsHeld = true;
        } else {
            flushTo(writer);
        }
    }

    final void flushTo(ChannelHandlerContext writer) {
        flushes++;
        writer.flush();
    }

    /** How often anything was handed on to the socket. */
    final long flushes() {
        return flushes;
    }

    /** Writes what was held back. */
    void letGo() {
        ChannelHandlerContext writer = context;
        if (writer == null) {
            return;
        }
        for (Held next = poll(); next != null; next = poll()) {
            writer.write(next.message, next.promise);
        }
        if (flushIsHeld) {
            flushIsHeld = false;
            flushTo(writer);
        }
    }

    /**
     * From now on, what is written is the last word of this side, whatever the peer has said or has yet to say.
     *
     * @return false if a request is held back, which a farewell must not push out
     */
    final boolean letFarewellPass() {
        farewell = !flushIsHeld && (held == null || held.isEmpty());
        return farewell;
    }

    /** The dial is done: bounds what the peer sends without data, if there is TLS. */
    void limitTls() {
        if (proof.hasTls()) {
            tlsLimit = TlsInputLimit.inFrontOf(link.channel(), link::closeWatched);
        }
    }

    /** TLS has passed data on. */
    final void tlsHasData() {
        if (tlsLimit != null) {
            tlsLimit.reset();
        }
    }

    /** Takes over what has arrived before the protocol was installed. */
    final void takeEarlyInput(ProtocolGate before) {
        early.addAll(before.early);
        before.early.clear();
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

    /**
     * Whether the present request was written behind an answer, and the peer has ended or broken the connection instead
     * of answering. A request that this side has given up is not lost.
     */
    boolean isLost() {
        return isUnanswered() && (broken || link.streamEnd().hasEnded());
    }

    /** Whether the present request was written behind an answer, and the peer has said nothing since. */
    boolean isUnanswered() {
        return !answered && reused;
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
            next.promise.tryFailure(link.streamEnd().closeCause());
        }
    }
}
