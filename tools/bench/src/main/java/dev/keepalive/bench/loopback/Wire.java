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

/** A socket for a thread that waits: 64 bytes there, the same 64 bytes back, stamped as in {@link Exchange}. */
final class Wire implements ModalCloseable {
    private final Socket socket = new Socket();
    private final DataInputStream input;
    private final OutputStream output;

    Wire(InetSocketAddress server) {
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

    /** Sends this stamp and gets it back, in a message whose content is overwritten. */
    void exchange(long stamp, byte[] message) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(message);
        buffer.putLong(0, stamp);
        output.write(message);
        input.readFully(message);
        if (buffer.getLong(0) != stamp) {
            throw new IllegalStateException("the answer is another request's");
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
