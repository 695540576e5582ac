package dev.keepalive.netty;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens on a started connection. Every method is called on the connection's event loop, one at a time,
 * and must not block.
 *
 * <p>What a method throws invalidates the lease, with that for the reason, and is then given to {@link #ended}; nobody
 * else is harmed.
 *
 * @param <T> the type of frame
 */
public interface FrameListener<T> {
    /**
     * The connection is ready. Called before anything else; not called if the connection is gone already.
     *
     * @param frames what {@link NettyConnection#start} returns; another thread may not have stored that yet
     */
    default void started(FrameStream<T> frames) {}

    /**
     * A frame has arrived. Not called any more once the lease or the input has ended.
     *
     * @param frame if it is reference-counted, it is released after this method, unless it is retained
     */
    void input(T frame);

    /**
     * There will be no more input. Called exactly once, after the last {@link #input}; except that it is not called if
     * the lease is released before, or as long as only this side has shut the input down.
     *
     * <p>With null the connection may still be open for sending, for as long as the peer reads. With an error it is
     * closed: it broke, the peer sent what the framing does not allow, a method of this listener threw, or somebody
     * invalidated the lease or closed the manager.
     *
     * @param error null if the peer ended the stream in order
     */
    void ended(@Nullable Throwable error);

    /** All that was sent has been written to the socket. Called once after each burst. */
    default void flushed() {}

    /**
     * What waits to be written has risen to the high-water mark (false), or fallen below the low-water mark again
     * (true). May be called from within {@link FrameStream#send}.
     */
    default void writable(boolean writable) {}
}
