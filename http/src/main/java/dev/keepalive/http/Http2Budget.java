package dev.keepalive.http;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

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

    private final Ticker ticker;
    private long since;
    private long spent;
    private long strayBytes;

    Http2Budget(Ticker ticker) {
        this.ticker = ticker;
        this.since = ticker.nanoTime();
    }

    /** A frame has come that brings nothing forward. @param what a frame of this kind, for the message */
    void spend(String what) throws Http2Exception {
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
            throw exceeded("the server goes on to send data on streams that have ended, more than their windows"
                    + " allowed");
        }
    }

    /** An error that ends the connection, whose cause is a {@link HttpLimitException}. */
    static Http2Exception exceeded(String message) {
        return Http2Exception.connectionError(
                Http2Error.ENHANCE_YOUR_CALM, new HttpLimitException(message), "%s", message);
    }
}
