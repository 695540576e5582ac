package dev.keepalive.netty;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server that the test controls byte by byte: the test itself accepts, reads and writes. */
final class ScriptedServer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final ServerSocket listener;
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
    private final List<Socket> all = new CopyOnWriteArrayList<>();

    /** The server's connections to itself, by their ports. */
    private final Map<Integer, CountDownLatch> own = new ConcurrentHashMap<>();

    /**
     * Keeps TLS sockets reachable. JDK 17 reads and closes a TLS socket that became garbage, but some tests need a peer
     * that does not read.
     */
    private final List<Peer> tlsPeers = new CopyOnWriteArrayList<>();

    private ScriptedServer(ServerSocket listener) {
        this.listener = listener;
        Thread thread = new Thread(this::acceptAll, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    static ScriptedServer start() {
        return start("127.0.0.1", 0);
    }

    static ScriptedServer start(String address, int port) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getByName(address), port), 200);
            return new ScriptedServer(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /**
     * How many connections have come so far, with those that wait to be accepted: they are in front of a connection of
     * the server to itself, which is not counted.
     */
    int connections() {
        if (!listener.isClosed()) {
            try (Socket last = new Socket()) {
                last.bind(new InetSocketAddress(listener.getInetAddress(), 0));
                CountDownLatch seen = new CountDownLatch(1);
                own.put(last.getLocalPort(), seen);
                last.connect(listener.getLocalSocketAddress());
                if (!seen.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("the server accepts no connection");
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return all.size();
    }

    Peer accept() throws Exception {
        Socket socket = accepted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (socket == null) {
            throw new AssertionError("no connection came");
        }
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return new Peer(socket, socket);
    }

    /** Accepts a connection, and completes a TLS handshake on it. */
    Peer acceptTls(SSLContext context) throws Exception {
        Peer peer = accept().startTls(context);
        tlsPeers.add(peer);
        return peer;
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                CountDownLatch seen = own.remove(socket.getPort());
                if (seen != null) {
                    socket.close();
                    seen.countDown();
                    continue;
                }
                all.add(socket);
                accepted.add(socket);
                if (listener.isClosed()) {
                    socket.close();
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : all) {
            socket.close();
        }
    }

    /** The server's side of one connection. */
    static final class Peer {
        final Socket rawSocket;
        private final Socket socket;
        private final InputStream in;

        private Peer(Socket rawSocket, Socket socket) throws IOException {
            this.rawSocket = rawSocket;
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        InetSocketAddress remoteAddress() {
            return (InetSocketAddress) rawSocket.getRemoteSocketAddress();
        }

        Peer send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return this;
        }

        /** Waits for one byte, and takes it; -1 at the end of the stream. */
        int readByte() throws IOException {
            return in.read();
        }

        /** The next line, without its line break; fails at the end of the stream. */
        String readLine() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("end of stream after '" + line + "'");
                }
                line.write(b);
            }
            return line.toString(StandardCharsets.UTF_8);
        }

        /** Reads all input until the end of the stream, or until the connection is reset. */
        String readAll() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                in.transferTo(bytes);
            } catch (SocketException e) {
                bytes.writeBytes("<reset>".getBytes(StandardCharsets.UTF_8));
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        /** Completes a TLS handshake, and returns the peer for the encrypted stream. */
        Peer startTls(SSLContext context) throws IOException {
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(rawSocket, null, false);
            secure.setUseClientMode(false);
            secure.startHandshake();
            return new Peer(rawSocket, secure);
        }

        SSLSocket tls() {
            return (SSLSocket) socket;
        }

        /** Sends a FIN only: no {@code close_notify}, even with TLS. */
        void finish() throws IOException {
            rawSocket.shutdownOutput();
        }

        /** Sends {@code close_notify}, and no FIN. */
        void closeNotify() throws IOException {
            ((SSLSocket) socket).shutdownOutput();
        }

        /** Closes the socket. With TLS, sends {@code close_notify} before. */
        void close() throws IOException {
            if (socket != rawSocket) {
                closeNotify();
            }
            rawSocket.close();
        }

        void reset() throws IOException {
            rawSocket.setSoLinger(true, 0);
            rawSocket.close();
        }
    }
}
