package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether a connection is proven quiet: everything that was in the socket has been read, and everything that was
 * read has been consumed. A connection may be leased again if it is. The proof is that a read came back short: it left
 * nothing in the socket. So at the end of a read pass it is known, without another look at the selector.
 *
 * <p>The usual release comes within a read pass, from the callback of the answer. Then the next lease may begin at
 * once, <em>provisionally</em>: what its holder writes is held back until the pass ends with a proof. If the peer has
 * said more than it was asked, the connection is closed, and nothing of the next lease has been sent.
 *
 * <p>No byte that was in the socket at the last read, or in a decoder, reaches the next holder. A byte that arrives
 * between that and the next request cannot be told from the answer to it.
 *
 * <p>Event loop only, except where stated. The phase is one atomic word, so that a release on another thread and the
 * end of a pass cannot miss each other.
 */
final class QuietProof {
    /** Not proven: something was written or left over since the last proof. */
    private static final int BUSY = 0;

    /** A read pass is under way, and nothing was written in it. */
    private static final int PASS = 1;

    /** As PASS, and another thread has released the connection. */
    private static final int TAKEN = 2;

    /** Proven quiet since the last read and write. */
    private static final int QUIET = 3;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(QuietProof.class, "phase", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Channel channel;

    /** False if a short read proves nothing, as with a transport that reads ahead. */
    private final boolean shortReadProves;

    private final List<DecoderWatch> decoders = new ArrayList<>(1);
    private final List<DecoderWatch> tls = new ArrayList<>(1);
    private volatile int phase = BUSY;

    private boolean inPass;
    private boolean inSocketPass;
    private boolean wroteInPass;
    private boolean provisional;
    private boolean unread;

    /** What is being passed on; retained meanwhile, so that it can be looked at. */
    private @Nullable ByteBuf reading;

    /** A decoder that cannot be looked into has kept something of an earlier read. */
    private boolean keptUnseen;

    private boolean decoderIsHidden;

    QuietProof(Channel channel, boolean shortReadProves) {
        this.channel = channel;
        this.shortReadProves = shortReadProves;
    }

    // ---- which decoders there are

    /** Looks for decoders among these handlers of the protocol. Called once, before any input. */
    void watch(Iterable<? extends ChannelHandler> handlers) {
        for (ChannelHandler handler : handlers) {
            if (handler instanceof ByteToMessageDecoder decoder) {
                decoders.add(DecoderWatch.of(decoder, ByteToMessageDecoder.MERGE_CUMULATOR));
            }
            decoderIsHidden |= handler instanceof CombinedChannelDuplexHandler || handler instanceof ByteToMessageCodec;
        }
    }

    void watchTls(SslHandler handler) {
        tls.add(DecoderWatch.of(
                handler,
                handler.engine() instanceof ReferenceCountedOpenSslEngine
                        ? ByteToMessageDecoder.COMPOSITE_CUMULATOR
                        : ByteToMessageDecoder.MERGE_CUMULATOR));
    }

    /** Whether there is TLS, of the endpoint or of a proxy. */
    boolean hasTls() {
        return !tls.isEmpty();
    }

    // ---- input

    /** The socket is being read, by a handler in front of TLS if there is TLS. */
    void socketPassBegins() {
        inSocketPass = true;
    }

    void socketPassEnds() {
        inSocketPass = false;
        for (int i = 0; i < tls.size(); i++) {
            tls.get(i).letGo();
        }
    }

    /** Begins a pass, unless one is under way. */
    void passBegins() {
        if (!inPass) {
            inPass = true;
            wroteInPass = false;
            phase = PASS;
        }
    }

    /** @return whether {@link #inputEnds} must be called when the input has been passed on */
    boolean inputBegins(Object message) {
        if (reading == null && message instanceof ByteBuf bytes) {
            reading = bytes.retain();
            return true;
        }
        return false;
    }

    /** The input has been passed on. */
    void inputEnds() {
        ByteBuf read = Objects.requireNonNull(reading);
        unread = isUnread();
        keptUnseen |= decoderIsHidden && unread;
        reading = null;
        read.release();
        for (int i = 0; i < decoders.size(); i++) {
            decoders.get(i).letGo();
        }
    }

    private boolean isUnread() {
        ByteBuf read = reading;
        if (read == null) {
            return unread;
        }
        if (read.isReadable()) {
            return true;
        }
        for (int i = 0; i < decoders.size(); i++) {
            if (decoders.get(i).hasKept()) {
                return true;
            }
        }
        return false;
    }

    /** True if the input that arrives now belongs to no lease: the lease before has ended in this pass. */
    boolean isBetweenLeases() {
        return provisional || phase == TAKEN;
    }

    /**
     * The pass has ended.
     *
     * @return true if a lease that began in it awaits the proof
     */
    boolean passEnds() {
        inPass = false;
        boolean proven = lastReadWasShort() && !unread && !keptUnseen && !wroteInPass && !hasUnsent() && !isTlsUnread();
        int before = (int) PHASE.getAndSet(this, proven ? QUIET : BUSY);
        provisional |= before == TAKEN;
        return provisional;
    }

    /** Whether the socket was empty when it was read last. */
    boolean lastReadWasShort() {
        var handle = channel.unsafe().recvBufAllocHandle();
        int last = handle.lastBytesRead();
        // At the end of the stream it is negative.
        return shortReadProves && (tls.isEmpty() || inSocketPass) && last >= 0 && last < handle.attemptedBytesRead();
    }

    /** Whether a part of a record has arrived. */
    boolean isTlsUnread() {
        for (int i = 0; i < tls.size(); i++) {
            if (tls.get(i).hasKept()) {
                return true;
            }
        }
        return false;
    }

    /** The connection has ended: lets go of all buffers. */
    void ended() {
        tls.forEach(DecoderWatch::letGo);
        decoders.forEach(DecoderWatch::letGo);
    }

    /** Whether anything that was written is not with the socket yet. */
    private boolean hasUnsent() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null || buffer.totalPendingWriteBytes() != 0;
    }

    // ---- output

    /** Something is about to be written. */
    void writing() {
        wroteInPass = true;
        int before = phase;
        if (before == QUIET || before == PASS) {
            // Fails if another thread has just released the connection: then what is written is held back.
            PHASE.compareAndSet(this, before, BUSY);
        }
    }

    // ---- release

    /**
     * A lease has ended on the event loop. The next may begin if nothing is left of this one, though it is provisional
     * until {@link #isAwaited} is false.
     *
     * @return false if something is left, so that the connection must be closed
     */
    boolean release() {
        if (provisional) {
            return true;
        }
        if (isUnread() || keptUnseen || hasUnsent()) {
            return false;
        }
        provisional = inPass || phase != QUIET;
        return true;
    }

    /** True if a lease began provisionally, and no read pass is under way that will prove it. */
    boolean needsSelector() {
        return provisional && !inPass;
    }

    /**
     * A lease has ended on another thread.
     *
     * @return false if the event loop must look
     */
    boolean releaseElsewhere() {
        int before = phase;
        return before == QUIET || before == TAKEN || before == PASS && PHASE.compareAndSet(this, PASS, TAKEN);
    }

    /**
     * Ends the provisional time: the socket was empty.
     *
     * @return false if something was left, so that the connection must be closed
     */
    boolean prove() {
        provisional = false;
        if (unread || keptUnseen || isTlsUnread()) {
            return false;
        }
        if (!wroteInPass) {
            PHASE.compareAndSet(this, BUSY, QUIET);
        }
        return true;
    }
}
