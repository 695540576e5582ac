package dev.keepalive.netty.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The other end of one connection of an {@link EmbeddedConnector}: it does what the test says, in that order. Each
 * method adds a step. A step is taken as soon as the steps before it are done and the client is connected: at once, if
 * that is so already. So a script can be written before the client acts, or step by step while it acts.
 *
 * <p>What is expected or sent is bytes: a {@code byte[]}, a {@link CharSequence} as UTF-8, or a message that the
 * encoders of the connector make bytes of ({@link EmbeddedConnector#encoders}). Not safe for use by several threads;
 * never blocks. No argument may be null.
 */
public final class ScriptedPeer {
    private static final int CONNECTION_REFUSED = 111;

    private final EmbeddedConnector<?> connector;
    private final int number;
    private final Queue<Step> steps = new ArrayDeque<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private @Nullable PeerDial dial;
    private @Nullable PeerChannel channel;
    private @Nullable String mismatch;
    private @Nullable DialException refusal;
    private boolean silent;
    private boolean clientHasEnded;
    private int mostPerRead = Integer.MAX_VALUE;

    ScriptedPeer(EmbeddedConnector<?> connector, int number) {
        this.connector = connector;
        this.number = number;
    }

    // ---- the script

    /** Waits until the client has sent exactly these bytes next. If it sends others, the connection breaks. */
    public ScriptedPeer expect(Object... parts) {
        byte[] expected = bytes(parts);
        return add("expects " + text(expected), () -> isNext(expected));
    }

    /** Waits until the client has ended its output, or closed the connection. */
    public ScriptedPeer expectEnd() {
        return add("expects the end", () -> clientHasEnded);
    }

    /** Sends bytes. Each piece arrives in a read of its own; the pieces of an answer may be cut anywhere. */
    public ScriptedPeer send(Object... pieces) {
        byte[][] all = eachOf(pieces);
        return act("sends", open -> {
            for (byte[] piece : all) {
                for (int from = 0; from < piece.length; from += Math.min(mostPerRead, piece.length - from)) {
                    open.arrive(Arrays.copyOfRange(piece, from, from + Math.min(mostPerRead, piece.length - from)));
                }
            }
        });
    }

    /**
     * Sends bytes that arrive while the client reads: the next piece is read before anything is done that the one
     * before it has caused, other than what the client does within its handlers and callbacks.
     */
    public ScriptedPeer sendTogether(Object... pieces) {
        byte[][] all = eachOf(pieces);
        return act("sends", open -> open.arrive(all));
    }

    private byte[][] eachOf(Object... pieces) {
        return Arrays.stream(pieces).map(this::bytes).toArray(byte[][]::new);
    }

    /**
     * From now on, the client reads at most so many bytes at a time of what is sent. By default, each piece in one
     * read.
     *
     * @throws IllegalArgumentException unless it is positive
     */
    public ScriptedPeer splitEvery(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("splitEvery " + bytes + " is not allowed: at least 1");
        }
        return act("splits", open -> mostPerRead = bytes);
    }

    /** Ends its stream (FIN). The connection ends with it, unless the protocol allows half-closing. */
    public ScriptedPeer close() {
        return act("closes", PeerChannel::arriveEnd);
    }

    /** Breaks the connection (RST). What the client has not read is lost. */
    public ScriptedPeer reset() {
        return act("resets", open -> open.breakWith(new SocketException("Connection reset")));
    }

    /**
     * Refuses the connection (error number 111).
     *
     * @throws IllegalStateException if it is connected already
     */
    public ScriptedPeer refuse() {
        return refuse(new DialException(Phase.CONNECT, CONNECTION_REFUSED, "Connection refused", null));
    }

    /**
     * Lets the dial fail with this.
     *
     * @throws IllegalStateException if it is connected already
     */
    public ScriptedPeer refuse(DialException failure) {
        requireNotConnected();
        refusal = failure;
        return this;
    }

    /**
     * Never answers the dial: it ends when the {@code dialTimeout} has passed.
     *
     * @throws IllegalStateException if it is connected already
     */
    public ScriptedPeer stayUnreachable() {
        requireNotConnected();
        silent = true;
        return this;
    }

    private void requireNotConnected() {
        if (dial != null) {
            throw new IllegalStateException(this + " is dialed already: say it of EmbeddedConnector.nextPeer()");
        }
    }

    // ---- what has happened

    /** Its number among the peers of its connector, from 1. */
    public int number() {
        return number;
    }

    /**
     * The endpoint that the client asked for.
     *
     * @throws IllegalStateException if no client has dialed it
     */
    public Endpoint endpoint() {
        if (dial == null) {
            throw new IllegalStateException(this + " was never dialed");
        }
        return dial.endpoint();
    }

    /** Whether the connection is open. */
    public boolean isOpen() {
        return channel != null && channel.isActive();
    }

    /** Takes what the client has sent and no expectation has taken, as text in UTF-8. */
    public String received() {
        String text = received.toString(StandardCharsets.UTF_8);
        received.reset();
        return text;
    }

    /** What is wrong with it at the end of a test; null if nothing is. */
    @Nullable
    String complaint() {
        Step next = steps.peek();
        if (mismatch != null) {
            return this + " " + mismatch;
        } else if (next != null) {
            return this + " still " + next.what + (dial == null ? "; it was never dialed" : "")
                    + (received.size() == 0 ? "" : "; it has received " + text(received.toByteArray()));
        } else if (dial == null) {
            return this + " was never dialed";
        }
        return received.size() == 0
                ? null
                : this + " has received what it did not expect: " + text(received.toByteArray());
    }

    // ---- for the connector, on the event loop

    /** The client dials. */
    void dialed(PeerDial by) {
        dial = by;
        if (refusal != null) {
            by.fail(refusal);
        } else if (!silent) {
            channel = by.connect(this);
            proceed();
        }
    }

    /** The client has sent bytes. */
    void received(byte[] bytes) {
        received.writeBytes(bytes);
        later();
    }

    void clientEnded() {
        clientHasEnded = true;
        later();
    }

    // ---- steps

    private void later() {
        connector.runOnLoop(this::proceed);
    }

    private void proceed() {
        PeerChannel open = channel;
        while (open != null
                && mismatch == null
                && !steps.isEmpty()
                && steps.element().take.isDone()) {
            steps.remove();
        }
    }

    private ScriptedPeer act(String what, Action action) {
        return add(what, () -> {
            if (channel != null && channel.isActive()) {
                action.on(channel);
            }
            return true;
        });
    }

    private ScriptedPeer add(String what, Take take) {
        steps.add(new Step(what, take));
        later();
        return this;
    }

    /** Takes these bytes from the front of what was received. */
    private boolean isNext(byte[] expected) {
        byte[] all = received.toByteArray();
        int common = Math.min(all.length, expected.length);
        if (!Arrays.equals(all, 0, common, expected, 0, common)) {
            mismatch = "expected " + text(expected) + " but received " + text(all);
            if (channel != null) {
                channel.breakWith(new IOException(this + " " + mismatch));
            }
            return false;
        }
        if (all.length < expected.length) {
            return false;
        }
        received.reset();
        received.write(all, common, all.length - common);
        return true;
    }

    private byte[] bytes(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof byte[] bytes) {
                all.writeBytes(bytes);
            } else if (part instanceof CharSequence text) {
                all.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
            } else {
                all.writeBytes(connector.encoded(part));
            }
        }
        return all.toByteArray();
    }

    /** Bytes in a form that people read: as text if they are text of one or more lines, else as numbers. */
    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean readable =
                text.chars().allMatch(c -> c == '\r' || c == '\n' || !Character.isISOControl(c) && c != 0xfffd);
        return readable
                ? "\"" + text.replace("\r", "\\r").replace("\n", "\\n") + "\""
                : ByteBufUtil.hexDump(Unpooled.wrappedBuffer(bytes));
    }

    @Override
    public String toString() {
        return "peer " + number + (dial == null ? "" : " (" + dial.endpoint() + ")");
    }

    /** How the client's dial is answered. */
    interface PeerDial {
        Endpoint endpoint();

        /** Connects the client. */
        PeerChannel connect(ScriptedPeer peer);

        void fail(DialException failure);
    }

    /** One step; {@code what} completes the sentence "peer 1 still …". */
    private record Step(String what, Take take) {}

    private interface Take {
        /** Takes the step, if that is possible by now. */
        boolean isDone();
    }

    private interface Action {
        void on(PeerChannel open);
    }
}
