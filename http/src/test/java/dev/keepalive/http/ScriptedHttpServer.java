package dev.keepalive.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A server on a free port of 127.0.0.1 that reads and writes exactly the bytes that a test says: for what no real
 * server does. It runs the test's script once per connection, each on a thread of its own, and closes the connection at
 * the end of the script. {@link #close} throws what a script has thrown, unless the client has closed its connection.
 */
final class ScriptedHttpServer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final ServerSocket listener;
    private final @Nullable SSLContext tls;
    private final String[] protocols;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    /** What the server does on one connection. */
    interface Script {
        void run(Connection connection) throws Exception;
    }

    private ScriptedHttpServer(@Nullable SSLContext tls, String[] protocols, Script script) {
        this.tls = tls;
        this.protocols = protocols;
        this.script = script;
        try {
            listener = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        startThread("scripted-http-server", this::acceptAll);
    }

    /** A server in the clear. */
    static ScriptedHttpServer start(Script script) {
        return new ScriptedHttpServer(null, new String[0], script);
    }

    /** A server that answers each request head with the same bytes. Requests must have no body. */
    static ScriptedHttpServer answering(String response) {
        return start(connection -> {
            while (connection.readHead() != null) {
                connection.send(response);
            }
        });
    }

    /** A server with TLS. @param protocols what it chooses from by ALPN, the first is preferred */
    static ScriptedHttpServer startTls(SSLContext context, Script script, String... protocols) {
        return new ScriptedHttpServer(context, protocols, script);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** @param pathAndQuery begins with a slash */
    URI uri(String pathAndQuery) {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port() + pathAndQuery);
    }

    /** How many connections have been accepted. */
    int connections() {
        return connections.get();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                startThread("scripted-http-" + number, () -> serve(socket, number));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void startThread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            Connection connection = new Connection(socket, secured(socket), number);
            script.run(connection);
            connection.close();
        } catch (SocketException | EOFException closedByClient) {
            // What the client has got tells the test whether that is right.
        } catch (Throwable thrown) {
            if (!listener.isClosed()) {
                failures.add(thrown);
            }
        }
    }

    private Socket secured(Socket socket) throws IOException {
        if (tls == null) {
            return socket;
        }
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
        secured.setUseClientMode(false);
        if (protocols.length > 0) {
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            secured.setSSLParameters(parameters);
        }
        secured.startHandshake();
        return secured;
    }

    /** Closes all connections. @throws AssertionError if a script has failed */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("a script of the server has failed", failures.get(0));
            failures.stream().skip(1).forEach(error::addSuppressed);
            throw error;
        }
    }

    /** The server's side of one connection. Text is ISO 8859-1: a character is a byte. */
    static final class Connection {
        private final Socket raw;
        private final Socket socket;
        private final InputStream in;
        private final int number;

        private Connection(Socket raw, Socket socket, int number) throws IOException {
            this.raw = raw;
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.number = number;
        }

        /** Counted from 1, in the order in which the server has accepted the connections. */
        int number() {
            return number;
        }

        /** The socket, for its options; under TLS, the one below it. */
        Socket rawSocket() {
            return raw;
        }

        /** The next request line and fields, with their line ends, without the empty line; null at the end. */
        @Nullable
        String readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
                int next = in.read();
                if (next < 0 && head.length() == 0) {
                    return null;
                }
                head.append((char) required(next, head));
            }
            return head.substring(0, head.length() - 2);
        }

        /** The next bytes; fails if the client ends before. */
        String read(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("the client has ended after " + bytes.length + " of " + count + " bytes");
            }
            return text(bytes);
        }

        /** What one read from the socket brings: all that has arrived, up to 8 KiB. */
        String readOnce() throws IOException {
            byte[] bytes = new byte[8192];
            int count = in.read(bytes);
            return text(Arrays.copyOf(bytes, required(count, "")));
        }

        /** The body of this request, as its head says. */
        String readBody(String head) throws IOException {
            if (head.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n")) {
                StringBuilder body = new StringBuilder();
                for (int size = chunkSize(); size > 0; size = chunkSize()) {
                    body.append(read(size));
                    readLine();
                }
                readLine();
                return body.toString();
            }
            String length = field(head, "Content-Length");
            return length == null ? "" : read(Integer.parseInt(length));
        }

        private int chunkSize() throws IOException {
            return Integer.parseInt(readLine(), 16);
        }

        /** The next line, without its line end. */
        String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            while (line.length() == 0 || line.charAt(line.length() - 1) != '\n') {
                line.append((char) required(in.read(), line));
            }
            return line.substring(0, line.length() - (line.toString().endsWith("\r\n") ? 2 : 1));
        }

        private static int required(int next, CharSequence before) throws IOException {
            if (next < 0) {
                throw new EOFException("the client has ended after '" + before + "'");
            }
            return next;
        }

        /** All bytes until the client ends, or resets the connection. */
        String readAll() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                in.transferTo(bytes);
            } catch (SocketException reset) {
                // It has ended.
            }
            return text(bytes.toByteArray());
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        Connection send(String... parts) throws IOException {
            for (String part : parts) {
                send(part.getBytes(StandardCharsets.ISO_8859_1));
            }
            return this;
        }

        Connection send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        }

        /** Sends 200 with this body and its length. */
        Connection respond(String body) throws IOException {
            return send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }

        /** Ends the output, and reads on; under TLS with close_notify. */
        void endOutput() throws IOException {
            socket.shutdownOutput();
        }

        /** Ends the connection, under TLS without close_notify. */
        void cut() throws IOException {
            raw.shutdownOutput();
            raw.close();
        }

        /** Breaks the connection (RST). */
        void reset() throws IOException {
            raw.setSoLinger(true, 0);
            raw.close();
        }

        void close() throws IOException {
            socket.close();
        }
    }

    /** The first value of a field of this head; null if there is none. */
    static @Nullable String field(String head, String name) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).trim())
                .findFirst()
                .orElse(null);
    }
}
