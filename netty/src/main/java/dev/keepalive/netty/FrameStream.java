package dev.keepalive.netty;

import java.util.concurrent.CompletionStage;

/**
 * The sending side of a started connection, and the valves of both sides. Valid until the lease ends: then every method
 * but {@link #isWritable} throws an {@link IllegalStateException}. Safe from any thread; never blocks; what one thread
 * does is done in order.
 *
 * @param <T> the type of frame
 */
public interface FrameStream<T> {
    /**
     * Sends a frame. Frames sent in one go are written together. Either all of it goes out before the connection is
     * released, or nothing.
     *
     * <p>A reference-counted frame is taken over, and released when written, unless this method throws.
     *
     * @return completes, on the connection's event loop, when the frame has been written to the socket, or with what
     *     went wrong: an {@link IllegalStateException} if the lease ended or the output was shut down before, an
     *     {@link java.io.IOException} if the connection failed
     * @throws IllegalArgumentException if the framing cannot carry this frame, for example a line with a line break in
     *     it
     * @throws IllegalStateException if the lease has ended
     */
    CompletionStage<Void> send(T frame);

    /**
     * Whether less is waiting to be written than the high-water mark. Sending is possible anyway: what is sent too fast
     * takes memory.
     */
    boolean isWritable();

    /**
     * Stops the input: no frame is told any more, and no end of the peer's, until {@link #resumeInput}. What comes
     * waits in the socket. Takes effect at once on the event loop, soon from elsewhere.
     */
    void pauseInput();

    /** Lets the input flow again, beginning with what had arrived. */
    void resumeInput();

    /**
     * Refuses all further input. The listener is not told of an end that is one's own wish; it is told when the
     * connection is gone. The connection cannot be leased again.
     */
    void shutdownInput();

    /**
     * Ends the output after all that was sent has been written; the peer reads the end of the stream, and may go on
     * sending. The connection cannot be leased again.
     *
     * <p>With TLS, the peer is sent {@code close_notify} first. Before TLS 1.3 there is no half-closing: a peer answers
     * by closing.
     */
    void shutdownOutput();
}
