package dev.keepalive.netty;

import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a started connection. Every method is called on the connection's event loop, one at a time,
 * and must not block.
 *
 * <p>If a method throws, the lease is invalidated with that exception as the reason, and {@link #ended} is called with
 * it. No other lease is affected.
 *
 * @param <T> the type of frame
 */
public interface FrameListener<T> {
    /**
     * The connection is ready. Called before every other method; not called if the connection is closed already.
     *
     * @param frames the object that {@link NettyConnection#start} returns; another thread may not have stored it yet
     */
    default void started(FrameStream<T> frames) {}

    /**
     * A frame has arrived. Not called after the lease or the input has ended.
     *
     * @param frame if it is reference-counted, it is released after this method returns, unless it is retained
     */
    void input(T frame);

    /**
     * The input has ended. Called exactly once, after the last {@link #input}, with two exceptions: it is not called if
     * the lease is released before, nor while only this side has shut the input down.
     *
     * <p>With null the connection may still be open for sending, as long as the peer reads. With an error it is closed:
     * it broke, the peer sent what the framing does not allow, a method of this listener threw, or the program
     * invalidated the lease or closed the manager. It is never called within a call of {@code invalidate} on the event
     * loop, but after that has returned.
     *
     * @param error null if the peer ended the stream in order
     */
    void ended(@Nullable Throwable error);

    /** Everything that was sent has been written to the socket. Called once after each burst. */
    default void flushed() {}

    /**
     * The bytes that wait to be written have reached the high-water mark (false), or have fallen below the low-water
     * mark again (true). May be called from within {@link FrameStream#send}.
     */
    default void writable(boolean writable) {}
}
