package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A plain client of the chaos server. */
final class ClientSocket implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    ClientSocket(Endpoint endpoint) throws IOException {
        socket = new Socket(endpoint.host(), endpoint.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    int port() {
        return socket.getLocalPort();
    }

    ClientSocket send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    ClientSocket send(byte[] frame) throws IOException {
        socket.getOutputStream().write(frame);
        return this;
    }

    /** Ends the sending side. */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** The next frame. */
    StreamFrame readFrame() throws IOException {
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        StreamFrame frame = null;
        while (frame == null) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new EOFException("the stream ends after " + arrived.size() + " bytes of a frame");
            }
            arrived.write(next);
            frame = StreamFrame.read(ByteBuffer.wrap(arrived.toByteArray()));
        }
        return frame;
    }

    /** The next line with its line break; less if the stream ends before. */
    String read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = socket.getInputStream().read();
                b >= 0;
                b = socket.getInputStream().read()) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    /** All remaining input, and how the stream ends: {@code closed} or {@code reset}. */
    String readAll() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(text);
            return text.toString(StandardCharsets.US_ASCII) + "closed";
        } catch (SocketException e) {
            return text.toString(StandardCharsets.US_ASCII) + "reset";
        }
    }

    /** Reads to the end; returns {@code closed} or {@code reset}. */
    String readEnd() throws IOException {
        return readAll().endsWith("closed") ? "closed" : "reset";
    }

    /** Whether input is available. */
    boolean hasArrived() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
