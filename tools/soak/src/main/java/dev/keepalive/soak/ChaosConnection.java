package dev.keepalive.soak;

import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one connection: reads requests, answers them or does worse. Used by the chaos server's thread
 * only.
 */
final class ChaosConnection {
    private static final int LATE_MILLIS = 20;
    private static final int SLOW_MILLIS = 20;
    private static final int SPEAK_MILLIS = 200;
    private static final byte[] HALF_A_LINE = {'0', ' '};

    final Door door;
    private final ChaosServer server;
    private final Mischief mischief;
    private final SocketChannel socket;
    private final int clientPort;
    private final long number;
    private final @Nullable TlsCodec tls;
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    private final StringBuilder line = new StringBuilder();

    private boolean mute;
    private boolean peerGone;
    private boolean over;
    /** Half a line has been sent behind an answer: nobody may use the connection any more. */
    private boolean torn;

    private final Record record = new Record();
    private long sequence;
    /** The request that has no answer yet, or 0. */
    private long unanswered;

    /** @param context for TLS, or null for a connection in the clear */
    ChaosConnection(ChaosServer server, Door door, SocketChannel socket, long number, @Nullable SslContext context)
            throws IOException {
        this.server = server;
        this.mischief = server.mischief();
        this.door = door;
        this.socket = socket;
        this.number = number;
        this.clientPort = ((InetSocketAddress) socket.getRemoteAddress()).getPort();
        this.tls = context == null ? null : new TlsCodec(context);
    }

    SocketChannel socket() {
        return socket;
    }

    int clientPort() {
        return clientPort;
    }

    /** What was done to it; stays when the connection has ended. */
    Record record() {
        return record;
    }

    /** Whether the system has told that the peer has closed or reset it. */
    boolean isPeerGone() {
        return peerGone;
    }

    /** Takes what has arrived from the system, the peer's end included, and does nothing about it. */
    void fill() {
        ByteBuffer buffer = server.buffer();
        try {
            int read = 1;
            while (read > 0 && !over) {
                buffer.clear();
                read = socket.read(buffer);
                if (read > 0) {
                    arrived.write(buffer.array(), 0, read);
                }
            }
            peerGone |= read < 0;
        } catch (IOException reset) {
            peerGone = true;
        }
    }

    /** Does something about what has been taken. */
    void act() {
        if (over) {
            return;
        }
        if (peerGone) {
            end();
            return;
        }
        byte[] wire = arrived.toByteArray();
        arrived.reset();
        if (mute || wire.length == 0) {
            return;
        }
        try {
            byte[] plain = tls == null ? wire : tls.decrypt(wire);
            if (tls != null) {
                write(tls.toWire());
            }
            take(new String(plain, StandardCharsets.US_ASCII));
        } catch (IOException | RuntimeException e) {
            // The peer went away while it was spoken to, or broke off the handshake.
            end();
        }
    }

    /** The connection has just been accepted. */
    void begin() throws IOException {
        Fault fault = mischief.ofConnection();
        if (fault == Fault.GREET && tls == null) {
            did(fault);
            send(new Line(0, number, 0, Line.Kind.UNASKED));
        } else if (fault == Fault.SHUT_OUT) {
            did(fault);
            close(mischief.coin());
        } else if (fault == Fault.MUTE) {
            did(fault);
            mute = true;
        }
    }

    /** Closes it, or resets it; then the system throws away what has not been sent yet. */
    void close(boolean reset) throws IOException {
        if (reset) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        end();
    }

    /** It is over: the server holds no descriptor of it any more when its selector has been asked once more. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        server.ended(this);
        try {
            socket.close();
        } catch (IOException e) {
            server.failed(e);
        }
        if (tls != null) {
            try {
                tls.close();
            } catch (RuntimeException endedInHandshake) {
                // it has let go of everything nevertheless
            }
        }
    }

    // ---- requests

    private void take(String text) throws IOException {
        for (int i = 0; i < text.length() && !over; i++) {
            if (text.charAt(i) == '\n') {
                request(line.toString());
                line.setLength(0);
            } else {
                line.append(text.charAt(i));
            }
        }
    }

    private void request(String text) throws IOException {
        if (!text.matches("[1-9][0-9]*")) {
            server.found("connection " + number + " to " + door + " brought '" + text + "', which nobody sends");
            return;
        }
        long request = Long.parseLong(text);
        server.asked(request, this);
        if (unanswered != 0) {
            server.found("connection " + number + " to " + door + " was handed on while request " + unanswered
                    + " had no answer: now it brought request " + request);
        }
        if (torn) {
            server.found("connection " + number + " to " + door + " was handed on with half a line in it, to request "
                    + request);
        }
        unanswered = request;
        sequence++;
        answer(request, mischief.ofExchange());
    }

    private void answer(long request, @Nullable Fault fault) throws IOException {
        Line reply = new Line(request, number, sequence, Line.Kind.REPLY);
        if (fault == null) {
            reply(reply);
            return;
        }
        did(fault);
        switch (fault) {
            case SLOW -> later(mischief.between(1, SLOW_MILLIS), () -> reply(reply));
            case RESET -> reset(reply);
            case HALF_CLOSE -> halfClose(reply);
            case CLOSE -> close(reply);
            case CUT -> cut(reply);
            case TWIN -> followedBy(reply, bytes(of(reply, Line.Kind.TWIN)));
            case TORN -> {
                torn = true;
                followedBy(reply, HALF_A_LINE);
            }
            case LATE_TWIN -> {
                reply(reply);
                later(mischief.between(0, LATE_MILLIS), () -> send(of(reply, Line.Kind.LATE)));
            }
            case SPEAK -> {
                reply(reply);
                later(mischief.between(0, SPEAK_MILLIS), () -> send(new Line(0, number, sequence, Line.Kind.UNASKED)));
            }
            case STALL, GREET, SHUT_OUT, MUTE, REFUSE -> {}
        }
    }

    private void reset(Line reply) throws IOException {
        if (mischief.coin()) {
            reply(reply);
        }
        close(true);
    }

    private void halfClose(Line reply) throws IOException {
        reply(reply);
        if (tls != null && mischief.coin()) {
            write(tls.closeNotify());
        }
        if (!over) {
            socket.shutdownOutput();
        }
        mute = true;
    }

    private void close(Line reply) throws IOException {
        reply(reply);
        if (tls != null && mischief.coin()) {
            write(tls.closeNotify());
        }
        close(false);
    }

    /** With TLS, either what is said is cut, or the record that carries it. */
    private void cut(Line reply) throws IOException {
        byte[] text = bytes(reply);
        if (tls != null && mischief.coin()) {
            byte[] record = tls.encrypt(text);
            write(Arrays.copyOf(record, mischief.between(1, record.length - 1)));
        } else {
            say(Arrays.copyOf(text, mischief.between(1, text.length - 1)));
        }
        close(mischief.coin());
    }

    /** The answer, and something else in the same write: whoever cleans up behind the holder cannot miss it. */
    private void followedBy(Line reply, byte[] more) throws IOException {
        unanswered = 0;
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(bytes(reply));
        both.writeBytes(more);
        say(both.toByteArray());
    }

    private void reply(Line reply) throws IOException {
        unanswered = 0;
        send(reply);
    }

    private void did(Fault fault) {
        record.disturbed |= fault != Fault.SLOW;
        mischief.count(fault);
    }

    // ---- writing

    private void send(Line said) throws IOException {
        say(bytes(said));
    }

    private void say(byte[] text) throws IOException {
        write(tls == null ? text : tls.encrypt(text));
    }

    private void write(byte[] wire) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(wire);
        socket.write(buffer);
        if (buffer.hasRemaining()) {
            throw new IOException("the peer does not read");
        }
    }

    private void later(int millis, Saying saying) {
        server.later(millis, () -> {
            if (over) {
                return;
            }
            try {
                saying.run();
            } catch (IOException | RuntimeException e) {
                end();
            }
        });
    }

    private static Line of(Line reply, Line.Kind kind) {
        return new Line(reply.request(), reply.connection(), reply.sequence(), kind);
    }

    private static byte[] bytes(Line said) {
        return said.text().getBytes(StandardCharsets.US_ASCII);
    }

    /** What was done to a connection. */
    static final class Record {
        private boolean disturbed;

        /** Whether the server has done anything that breaks an exchange. */
        boolean isDisturbed() {
            return disturbed;
        }
    }

    /** Something said to the peer, which may have gone. */
    private interface Saying {
        void run() throws IOException;
    }

    @Override
    public String toString() {
        return "connection " + number + " to " + door;
    }
}
