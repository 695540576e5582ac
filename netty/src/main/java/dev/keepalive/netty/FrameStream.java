package dev.keepalive.netty;

import java.util.concurrent.CompletionStage;

/**
 * Sends the frames of a started connection, and controls the flow of its input and output. Valid until the lease ends;
 * after that every method but {@link #isWritable} throws an {@link IllegalStateException}. Safe from any thread; never
 * blocks. The calls of one thread take effect in order.
 *
 * @param <T> the type of frame
 */
public interface FrameStream<T> {
    /**
     * Sends a frame. Frames that are sent in one task of the event loop are written together. Before the connection is
     * released, either the whole frame is written or nothing of it.
     *
     * <p>A reference-counted frame belongs to the connection from now on, and is released when it is written. If this
     * method throws, the frame stays the caller's.
     *
     * @return completes, on the connection's event loop, when the frame has been written to the socket; fails with an
     *     {@link IllegalStateException} if the lease ended or the output was shut down before, with an
     *     {@link java.io.IOException} if the connection failed
     * @throws IllegalArgumentException if the framing cannot carry this frame, for example a line with a line break in
     *     it
     * @throws IllegalStateException if the lease has ended
     */
    CompletionStage<Void> send(T frame);

    /**
     * Whether fewer bytes wait to be written than the high-water mark. A frame can be sent even if this is false; it
     * takes memory until it is written.
     */
    boolean isWritable();

    /**
     * Pauses the input: until {@link #resumeInput} the listener receives no frame, and no end from the peer. Input that
     * arrives waits in the socket. Takes effect at once on the event loop, and soon from any other thread. Idempotent.
     *
     * @throws IllegalStateException if the lease has ended
     */
    void pauseInput();

    /**
     * Resumes the input, beginning with what has arrived. Idempotent.
     *
     * @throws IllegalStateException if the lease has ended
     */
    void resumeInput();

    /**
     * Refuses all further input. {@link FrameListener#ended} is not called for this end, since the holder asked for it;
     * it is called when the connection is gone. The connection cannot be leased again. Idempotent.
     *
     * @throws IllegalStateException if the lease has ended
     */
    void shutdownInput();

    /**
     * Ends the output when all that was sent has been written. The peer reads the end of the stream, and may go on
     * sending. The connection cannot be leased again. Idempotent.
     *
     * <p>With TLS, the peer is sent {@code close_notify} first. Before TLS 1.3 there is no half-close: the peer answers
     * by closing.
     *
     * @throws IllegalStateException if the lease has ended
     */
    void shutdownOutput();
}
