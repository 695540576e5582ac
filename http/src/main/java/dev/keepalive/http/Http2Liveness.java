package dev.keepalive.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server is alive. It is asked by a PING when exchanges await it and it has been silent for some time, or
 * when one of them was given up because it did not answer in time; in the latter case the connection gets no further
 * exchanges until the PING is answered. If it is not, the connection is closed. Event loop only, except where stated.
 */
final class Http2Liveness {
    private final Http2Session session;
    private final EventLoop loop;
    private final long silence;
    private final long patience;

    private long lastInput;
    private long pings;
    private boolean asked;
    private boolean inputSinceAsked;
    private volatile boolean suspected;
    private @Nullable Future<?> watch;
    private @Nullable ScheduledFuture<?> deadline;

    Http2Liveness(Http2Session session, EventLoop loop, HttpOptions options) {
        this.session = session;
        this.loop = loop;
        this.silence = options.pingAfter().toNanos();
        this.patience = options.pingTimeout().toNanos();
        this.lastInput = loop.ticker().nanoTime();
    }

    void inputArrived() {
        lastInput = loop.ticker().nanoTime();
        inputSinceAsked = true;
    }

    /** @param first whether there was none before: silence counts from now on */
    void exchangeBegun(boolean first) {
        if (first) {
            lastInput = loop.ticker().nanoTime();
        }
        if (watch == null) {
            watch = loop.schedule(this::look, silence, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        watch = null;
        if (session.openStreams() == 0) {
            return;
        }
        long left = silence - (loop.ticker().nanoTime() - lastInput);
        if (left <= 0) {
            ask();
        }
        watch = loop.schedule(this::look, left <= 0 ? silence : left, TimeUnit.NANOSECONDS);
    }

    /** Whether an exchange was given up, and the PING is not answered. Any thread. */
    boolean isSuspected() {
        return suspected;
    }

    /** An exchange is being given up: nobody else gets this connection for now. Any thread. */
    void suspect() {
        suspected = true;
        session.context().capacity(0);
    }

    /** The same on the event loop. */
    void suspectAndAsk() {
        suspected = true;
        session.updateCapacity();
        // The answer to one that was sent before says nothing of now.
        asked = false;
        ask();
    }

    private void ask() {
        if (asked || session.isClosing()) {
            return;
        }
        asked = true;
        inputSinceAsked = false;
        pings++;
        Http2Handler handler = session.handler();
        handler.encoder().writePing(handler.context(), false, pings, session.newPromise());
        session.flushSoon();
        cancelDeadline();
        deadline = loop.schedule(this::notAnswered, patience, TimeUnit.NANOSECONDS);
    }

    void answered(long data) {
        if (asked && data == pings) {
            asked = false;
            cancelDeadline();
            if (suspected) {
                suspected = false;
                session.updateCapacity();
            }
        }
    }

    private void notAnswered() {
        deadline = null;
        if (inputSinceAsked && !suspected) {
            // It is alive, and the answer may be behind much data.
            asked = false;
        } else if (asked) {
            session.connectionDead(new IOException("the server has not answered a PING within "
                    + TimeUnit.NANOSECONDS.toMillis(patience) + " ms: the connection is taken to be dead"));
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    /** The connection is closed. Any thread if the event loop is shut down. */
    void end() {
        cancelDeadline();
        if (watch != null) {
            watch.cancel(false);
            watch = null;
        }
    }
}
