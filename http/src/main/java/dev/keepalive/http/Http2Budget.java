package dev.keepalive.http;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many frames a server may send that cost it nothing and bring nothing forward: PING, SETTINGS, PRIORITY,
 * RST_STREAM, empty DATA, unknown ones and others. So many at once, so many a second, and more for each exchange and
 * for what was sent to it. Event loop only.
 */
final class Http2Budget {
    static final int AT_ONCE = 1_000;
    static final int EACH_SECOND = 100;

    private static final long NANOS_EACH = TimeUnit.SECONDS.toNanos(1) / EACH_SECOND;

    /** A server that answers an exchange may send as many more. */
    private static final int FOR_ANSWER = 4;

    /** A server may grant what it is sent in steps of so many bytes. */
    private static final int BYTES_FOR_ONE = 512;

    /**
     * Most bytes that wait for a server that sends frames to be answered. A body is not written before there is room
     * for it, so these are answers, and heads of requests.
     */
    private static final long MAX_UNREAD = 4 << 20;

    /** What {@link io.netty.channel.Channel#bytesBeforeWritable} says of a channel that is closed. */
    private static final long CLOSED = Long.MAX_VALUE;

    private final Ticker ticker;
    private final LongSupplier unread;
    private long since;
    private long spent;
    private long strayBytes;

    /** @param unread how many bytes wait to be sent, about; {@link Long#MAX_VALUE} when the channel is closed */
    Http2Budget(Ticker ticker, LongSupplier unread) {
        this.ticker = ticker;
        this.unread = unread;
        this.since = ticker.nanoTime();
    }

    /** A frame has come that brings nothing forward. @param what a frame of this kind, for the message */
    void spend(String what) throws Http2Exception {
        long waiting = unread.getAsLong();
        if (waiting > MAX_UNREAD && waiting != CLOSED) {
            throw exceeded("the server does not read what it is sent, and goes on to send frames, the last one " + what
                    + ": more than " + MAX_UNREAD + " bytes wait for it");
        }
        if (spent >= AT_ONCE) {
            recover();
        }
        spent++;
        if (spent > AT_ONCE) {
            throw exceeded("the server sent too many frames that bring nothing forward, the last one " + what
                    + ": more than " + AT_ONCE + " at once and " + EACH_SECOND + " a second");
        }
    }

    private void recover() {
        long now = ticker.nanoTime();
        long earned = (now - since) / NANOS_EACH;
        since += earned * NANOS_EACH;
        earn(earned);
    }

    private void earn(long frames) {
        spent = Math.max(0, spent - frames);
    }

    /** The server has answered a request. */
    void answered() {
        earn(FOR_ANSWER);
    }

    /** So many bytes of a body have been sent. */
    void sent(int bytes) {
        earn(1 + bytes / BYTES_FOR_ONE);
    }

    /** A stream has been reset: the server may have sent so many bytes on it before it knows. */
    void reset(int window) {
        strayBytes += window;
    }

    /** So many bytes have come that nobody awaits. */
    void stray(int bytes) throws Http2Exception {
        strayBytes -= bytes;
        if (strayBytes < 0) {
            throw exceeded(
                    "the server goes on to send data on streams that have ended, more than their windows" + " allowed");
        }
    }

    /** An error that ends the connection, whose cause is a {@link HttpLimitException}. */
    static Http2Exception exceeded(String message) {
        return Http2Exception.connectionError(
                Http2Error.ENHANCE_YOUR_CALM, new HttpLimitException(message), "%s", message);
    }
}
