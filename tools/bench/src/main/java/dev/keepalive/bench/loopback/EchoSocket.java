package dev.keepalive.bench.loopback;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** A blocking socket that speaks {@link WireFormat#ECHO}. */
final class EchoSocket implements ModalCloseable {
    private final Socket socket = new Socket();
    private final DataInputStream input;
    private final OutputStream output;

    EchoSocket(InetSocketAddress server) {
        try {
            socket.setTcpNoDelay(true);
            socket.connect(server);
            input = new DataInputStream(socket.getInputStream());
            output = socket.getOutputStream();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request with this stamp and reads the answer; both use {@code message} as their buffer. */
    void exchange(long stamp, byte[] message) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(message);
        buffer.putLong(0, stamp);
        output.write(message);
        input.readFully(message);
        if (buffer.getLong(0) != stamp) {
            throw new IllegalStateException("the answer belongs to another request");
        }
    }

    @Override
    public void close(CloseMode mode) {
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
