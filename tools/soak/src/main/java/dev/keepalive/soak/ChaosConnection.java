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
 * The server's side of one connection: reads requests and answers them, or commits a fault. Used only by the thread of
 * the chaos server.
 */
final class ChaosConnection {
    private static final int LATE_MILLIS = 20;
    private static final int SLOW_MILLIS = 20;
    private static final int SPEAK_MILLIS = 200;
    private static final byte[] HALF_A_LINE = {'0', ' '};

    final ChaosListener listener;
    private final ChaosServer server;
    private final FaultChooser faults;
    private final SocketChannel socket;
    private final int clientPort;
    private final long number;
    private final @Nullable TlsCodec tls;
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    private final StringBuilder line = new StringBuilder();

    private boolean ignoresInput;
    private boolean peerGone;
    private boolean over;
    /** Half a line was sent behind an answer, so the connection must not be used again. */
    private boolean sentHalfLine;

    private final Record record = new Record();
    private long sequence;
    /** The request without an answer, or 0. */
    private long unanswered;

    /** @param context the TLS settings, or null for a connection without TLS */
    ChaosConnection(
            ChaosServer server, ChaosListener listener, SocketChannel socket, long number, @Nullable SslContext context)
            throws IOException {
        this.server = server;
        this.faults = server.faultChooser();
        this.listener = listener;
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

    /** What the server did to the connection; stays when the connection has ended. */
    Record record() {
        return record;
    }

    /** Whether the peer has closed or reset the connection, as far as the system has reported. */
    boolean isPeerGone() {
        return peerGone;
    }

    /** Reads what has arrived, including the end of the stream, without processing it. */
    void readAvailable() {
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

    /** Processes what was read. */
    void process() {
        if (over) {
            return;
        }
        if (peerGone) {
            end();
            return;
        }
        byte[] wire = arrived.toByteArray();
        arrived.reset();
        if (ignoresInput || wire.length == 0) {
            return;
        }
        try {
            byte[] plain = tls == null ? wire : tls.decrypt(wire);
            if (tls != null) {
                write(tls.toWire());
            }
            take(new String(plain, StandardCharsets.US_ASCII));
        } catch (IOException | RuntimeException e) {
            // The peer left during a write, or broke off the handshake.
            end();
        }
    }

    /** Called when the connection has just been accepted. */
    void begin() throws IOException {
        ChaosFault fault = faults.forConnection();
        if (fault == ChaosFault.GREET && tls == null) {
            recordFault(fault);
            send(new ServerLine(0, number, 0, ServerLine.Kind.UNASKED));
        } else if (fault == ChaosFault.CLOSE_AT_ONCE) {
            recordFault(fault);
            close(faults.coin());
        } else if (fault == ChaosFault.MUTE) {
            recordFault(fault);
            ignoresInput = true;
        }
    }

    /** Closes or resets the connection. On a reset the system drops what has not been sent yet. */
    void close(boolean reset) throws IOException {
        if (reset) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        end();
    }

    /** Ends the connection. The server gives up the descriptor the next time its selector runs. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        server.connectionEnded(this);
        try {
            socket.close();
        } catch (IOException e) {
            server.failed(e);
        }
        if (tls != null) {
            try {
                tls.close();
            } catch (RuntimeException endedInHandshake) {
                // everything is released all the same
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
            server.addFinding(
                    "connection " + number + " to " + listener + " brought '" + text + "', which no client sends");
            return;
        }
        long request = Long.parseLong(text);
        server.requestArrived(request, this);
        if (unanswered != 0) {
            server.addFinding("connection " + number + " to " + listener + " was leased again while request "
                    + unanswered + " had no answer; it now brought request " + request);
        }
        if (sentHalfLine) {
            server.addFinding("connection " + number + " to " + listener
                    + " was leased again with half a line in it, to request " + request);
        }
        unanswered = request;
        sequence++;
        answer(request, faults.forExchange());
    }

    private void answer(long request, @Nullable ChaosFault fault) throws IOException {
        ServerLine reply = new ServerLine(request, number, sequence, ServerLine.Kind.REPLY);
        if (fault == null) {
            reply(reply);
            return;
        }
        recordFault(fault);
        switch (fault) {
            case SLOW -> later(faults.between(1, SLOW_MILLIS), () -> reply(reply));
            case RESET -> reset(reply);
            case HALF_CLOSE -> halfClose(reply);
            case CLOSE -> close(reply);
            case CUT_ANSWER -> cut(reply);
            case DUPLICATE -> followedBy(reply, bytes(of(reply, ServerLine.Kind.DUPLICATE)));
            case HALF_LINE -> {
                sentHalfLine = true;
                followedBy(reply, HALF_A_LINE);
            }
            case LATE_DUPLICATE -> {
                reply(reply);
                later(faults.between(0, LATE_MILLIS), () -> send(of(reply, ServerLine.Kind.LATE)));
            }
            case UNASKED -> {
                reply(reply);
                later(
                        faults.between(0, SPEAK_MILLIS),
                        () -> send(new ServerLine(0, number, sequence, ServerLine.Kind.UNASKED)));
            }
            case STALL, GREET, CLOSE_AT_ONCE, MUTE, REFUSE -> {}
        }
    }

    private void reset(ServerLine reply) throws IOException {
        if (faults.coin()) {
            reply(reply);
        }
        close(true);
    }

    private void halfClose(ServerLine reply) throws IOException {
        reply(reply);
        if (tls != null && faults.coin()) {
            write(tls.closeNotify());
        }
        if (!over) {
            socket.shutdownOutput();
        }
        ignoresInput = true;
    }

    private void close(ServerLine reply) throws IOException {
        reply(reply);
        if (tls != null && faults.coin()) {
            write(tls.closeNotify());
        }
        close(false);
    }

    /** Cuts the answer short. With TLS, either the text or the record that carries it is cut. */
    private void cut(ServerLine reply) throws IOException {
        byte[] text = bytes(reply);
        if (tls != null && faults.coin()) {
            byte[] record = tls.encrypt(text);
            write(Arrays.copyOf(record, faults.between(1, record.length - 1)));
        } else {
            sendText(Arrays.copyOf(text, faults.between(1, text.length - 1)));
        }
        close(faults.coin());
    }

    /** Sends the answer and more bytes in the same write, so a reset after the release cannot miss them. */
    private void followedBy(ServerLine reply, byte[] more) throws IOException {
        unanswered = 0;
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(bytes(reply));
        both.writeBytes(more);
        sendText(both.toByteArray());
    }

    private void reply(ServerLine reply) throws IOException {
        unanswered = 0;
        send(reply);
    }

    private void recordFault(ChaosFault fault) {
        record.disturbed |= fault != ChaosFault.SLOW;
        faults.count(fault);
    }

    // ---- writing

    private void send(ServerLine said) throws IOException {
        sendText(bytes(said));
    }

    private void sendText(byte[] text) throws IOException {
        write(tls == null ? text : tls.encrypt(text));
    }

    private void write(byte[] wire) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(wire);
        socket.write(buffer);
        if (buffer.hasRemaining()) {
            throw new IOException("the peer does not read");
        }
    }

    private void later(int millis, PeerWrite write) {
        server.later(millis, () -> {
            if (over) {
                return;
            }
            try {
                write.run();
            } catch (IOException | RuntimeException e) {
                end();
            }
        });
    }

    private static ServerLine of(ServerLine reply, ServerLine.Kind kind) {
        return new ServerLine(reply.request(), reply.connection(), reply.sequence(), kind);
    }

    private static byte[] bytes(ServerLine said) {
        return said.text().getBytes(StandardCharsets.US_ASCII);
    }

    /** What the server did to a connection. */
    static final class Record {
        private boolean disturbed;

        /** Whether the server has done anything that breaks an exchange. */
        boolean isDisturbed() {
            return disturbed;
        }
    }

    /** A write to a peer that may be gone. */
    private interface PeerWrite {
        void run() throws IOException;
    }

    @Override
    public String toString() {
        return "connection " + number + " to " + listener;
    }
}
