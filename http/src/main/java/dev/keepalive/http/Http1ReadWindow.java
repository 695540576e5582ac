package dev.keepalive.http;

import io.netty.channel.Channel;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bounds what was told of a response and is not taken: reading stops when the window is full, and goes on when half of
 * it is empty. Event loop only, except where stated.
 */
final class Http1ReadWindow {
    /** Most bytes that one read from the socket brings. */
    private static final int ONE_READ = 64 * 1024;

    /** What a part counts at least: many small ones fill the memory more than their bytes do. */
    private static final int LEAST_COST = 1024;

    private static final VarHandle UNCONSUMED;

    static {
        try {
            UNCONSUMED = MethodHandles.lookup().findVarHandle(Http1ReadWindow.class, "unconsumed", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Channel channel;

    /** One more read must not exceed the window. */
    private final int most;

    /** What small parts count on top of their bytes. */
    private int overhead;

    /** How many bytes of the body were told and not taken. Any thread. */
    private volatile int unconsumed;

    /** Reading has stopped. Written on the event loop. */
    private volatile boolean paused;

    /** Reading goes on when no more than so many bytes are not taken. Written on the event loop. */
    private volatile int resumeAt;

    Http1ReadWindow(Channel channel, int size) {
        this.channel = channel;
        this.most = Math.max(0, size - ONE_READ);
    }

    /** A part of so many bytes is about to be told. */
    void tells(int bytes) {
        if ((int) UNCONSUMED.getAndAdd(this, bytes) == 0) {
            overhead = 0;
        }
        overhead += Math.max(0, LEAST_COST - bytes);
    }

    /**
     * So many bytes were taken. Safe from any thread.
     *
     * @return whether {@link #resume} must be called on the event loop
     */
    boolean consumed(int bytes) {
        UNCONSUMED.getAndAdd(this, -bytes);
        return paused && unconsumed <= resumeAt;
    }

    /** Stops reading if the window is full. */
    void pauseIfFull() {
        if (!paused && unconsumed + overhead > most) {
            resumeAt = Math.max(0, most / 2 - overhead);
            paused = true;
            channel.config().setAutoRead(false);
            // Another thread may have taken them before it could see that reading has stopped.
            resume(false);
        }
    }

    /** Reads on, if half of the window is empty. @param always whatever is in it */
    void resume(boolean always) {
        if (paused && (always || unconsumed <= resumeAt)) {
            paused = false;
            channel.config().setAutoRead(true);
        }
    }
}
