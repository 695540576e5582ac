package dev.keepalive.netty;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.bytes.ByteArrayDecoder;
import io.netty.handler.codec.bytes.ByteArrayEncoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
import io.netty.handler.codec.string.StringDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a stream of bytes is cut into frames, and frames are turned into bytes. Immutable, and usable for any number of
 * connections: each lease gets handlers of its own. Safe from any thread.
 *
 * @param <T> the type of frame
 */
public final class Framing<T> {
    private static final int DEFAULT_MAX_LENGTH = 64 * 1024;
    private static final byte[] CRLF = {'\r', '\n'};

    private final Class<T> type;
    private final Supplier<? extends List<? extends ChannelHandler>> handlers;
    private final Consumer<? super T> check;

    private Framing(
            Class<T> type, Supplier<? extends List<? extends ChannelHandler>> handlers, Consumer<? super T> check) {
        this.type = Objects.requireNonNull(type, "type");
        this.handlers = Objects.requireNonNull(handlers, "handlers");
        this.check = check;
    }

    /** Lines of at most 64 KiB in UTF-8, as {@link #lines(Charset, int)}. */
    public static Framing<String> lines() {
        return lines(StandardCharsets.UTF_8, DEFAULT_MAX_LENGTH);
    }

    /**
     * Lines: input is cut at LF or CRLF, and output is ended with CRLF. The frames do not contain the line break. A
     * longer line ends the input with a {@link io.netty.handler.codec.TooLongFrameException}. Input after the last line
     * break is not a frame. A frame with a line break in it cannot be sent, since it would arrive as two.
     *
     * @param charset a charset that encodes line breaks as ASCII does
     * @param maxLength in bytes, without the line break; at least 1
     * @throws IllegalArgumentException if the charset or the length is not as described
     */
    public static Framing<String> lines(Charset charset, int maxLength) {
        if (!charset.canEncode() || !Arrays.equals("\r\n".getBytes(charset), CRLF)) {
            throw new IllegalArgumentException(
                    "charset " + charset + " is not allowed: one that encodes line breaks as ASCII does");
        }
        if (maxLength < 1) {
            throw new IllegalArgumentException("maxLength " + maxLength + " is not allowed: at least 1");
        }
        return new Framing<>(
                String.class,
                () -> List.of(
                        new LineDecoder(maxLength),
                        new StringDecoder(charset),
                        new LineEncoder(LineSeparator.WINDOWS, charset)),
                Framing::checkLine);
    }

    /**
     * Bytes as they arrive: a frame is the input of one read, of any length. An array that is sent must not be changed
     * afterwards.
     */
    public static Framing<byte[]> bytes() {
        return new Framing<>(byte[].class, () -> List.of(new ByteArrayDecoder(), new ByteArrayEncoder()), any -> {});
    }

    /**
     * Frames of any codec, Netty's or your own.
     *
     * @param type the type that the last handler passes on; input of any other type is an error
     * @param handlers makes the handlers of one lease, in the order of the pipeline; must make new ones each time,
     *     unless they are {@linkplain io.netty.channel.ChannelHandler.Sharable sharable}; called on the connection's
     *     event loop after {@link NettyConnection#start}. What it throws ends the connection, and
     *     {@link FrameListener#ended} is told
     */
    public static <T> Framing<T> of(Class<T> type, Supplier<? extends List<? extends ChannelHandler>> handlers) {
        return new Framing<>(type, handlers, any -> {});
    }

    Class<T> type() {
        return type;
    }

    List<? extends ChannelHandler> newHandlers() {
        return List.copyOf(Objects.requireNonNull(handlers.get(), "the framing's handlers"));
    }

    /** @throws IllegalArgumentException if this frame cannot be sent as one frame */
    void check(T frame) {
        check.accept(frame);
    }

    private static void checkLine(String line) {
        if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("a line of " + line.length()
                    + " characters with a line break in it is not allowed: send one line at a time");
        }
    }
}
