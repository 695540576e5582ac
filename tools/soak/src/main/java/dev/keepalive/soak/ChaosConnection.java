package dev.keepalive.soak;

import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one connection: reads requests and answers them, or commits a fault. Used only by the thread of
 * the chaos server.
 */
final class ChaosConnection {
    final ChaosListener listener;
    private final ChaosServer server;
    private final FaultChooser faults;
    private final Conversation conversation;
    private final SocketChannel socket;
    private final int clientPort;
    private final long number;
    private final @Nullable TlsCodec tls;
    private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

    private @Nullable PeerWrite greeting;
    private boolean ignoresInput;
    private boolean peerGone;
    private boolean over;
    private final Record record = new Record();
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
        this.conversation = Conversation.of(listener.kind, this, server);
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
                greetIfReady();
            }
            conversation.take(plain);
        } catch (IOException | RuntimeException e) {
            // The peer left during a write, or broke off the handshake.
            end();
        }
    }

    /** Called when the connection has just been accepted. */
    void begin() throws IOException {
        conversation.begin();
    }

    /** There are no faults for a while. */
    void peace() {
        attempt(conversation::peace);
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
            } catch (Exception endedBefore) {
                // Not only RuntimeExceptions, whatever the compiler says. Everything is released all the same.
            }
        }
    }

    // ---- for the conversation

    long number() {
        return number;
    }

    boolean hasTls() {
        return tls != null;
    }

    /** Says this first: now, or with TLS after the handshake. */
    void greet(PeerWrite words) throws IOException {
        greeting = words;
        greetIfReady();
    }

    private void greetIfReady() throws IOException {
        PeerWrite words = greeting;
        if (words != null && (tls == null || tls.isReady())) {
            greeting = null;
            words.run();
        }
    }

    boolean isOver() {
        return over;
    }

    boolean isMute() {
        return ignoresInput;
    }

    /** From now on, nothing is read, and nothing said. */
    void mute() {
        ignoresInput = true;
    }

    /** Counts a fault, after which an exchange may fail without any fault of the client. */
    void disturb(ChaosFault fault) {
        record.disturbed |= fault != ChaosFault.SLOW;
        faults.count(fault);
    }

    void send(byte[] plain) throws IOException {
        write(tls == null ? plain : tls.encrypt(plain));
    }

    /** Sends this, and ends the sending side. */
    void halfClose(byte[] last) throws IOException {
        send(last);
        if (tls != null && faults.coin()) {
            write(tls.closeNotify());
        }
        if (!over) {
            socket.shutdownOutput();
        }
        mute();
    }

    /** Sends this, and closes. */
    void close(byte[] last) throws IOException {
        send(last);
        if (tls != null && faults.coin()) {
            write(tls.closeNotify());
        }
        close(false);
    }

    /** Sends a part of this, and closes. With TLS, either the text or the record that carries it is cut. */
    void cut(byte[] text) throws IOException {
        if (tls != null && faults.coin()) {
            byte[] whole = tls.encrypt(text);
            write(Arrays.copyOf(whole, faults.between(1, whole.length - 1)));
        } else {
            send(Arrays.copyOf(text, faults.between(1, text.length - 1)));
        }
        close(faults.coin());
    }

    private void write(byte[] wire) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(wire);
        socket.write(buffer);
        if (buffer.hasRemaining()) {
            throw new IOException("the peer does not read");
        }
    }

    /** Runs this after so many milliseconds, unless the connection has ended, or says nothing more. */
    void later(int millis, PeerWrite write) {
        server.later(millis, () -> attempt(write));
    }

    private void attempt(PeerWrite write) {
        if (over || ignoresInput) {
            return;
        }
        try {
            write.run();
        } catch (IOException | RuntimeException e) {
            end();
        }
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
    interface PeerWrite {
        void run() throws IOException;
    }

    @Override
    public String toString() {
        return "connection " + number + " to " + listener;
    }
}
