package dev.keepalive.cli;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server with exact control of every byte: the path selects the answer and whether the connection stays open.
 * It records connections and requests.
 */
final class HttpTestServer implements AutoCloseable {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Queue<String> heads = new ConcurrentLinkedQueue<>();
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final Map<String, String> endless = new ConcurrentHashMap<>();
    private final @Nullable SSLContext layered;
    private volatile boolean resets;
    private volatile int requestsPerConnection = Integer.MAX_VALUE;
    private volatile int answersPerConnection = Integer.MAX_VALUE;

    private HttpTestServer(ServerSocket listening, @Nullable SSLContext layered) {
        this.listening = listening;
        this.layered = layered;
        daemon(this::accept);
    }

    static HttpTestServer http() throws IOException {
        return new HttpTestServer(new ServerSocket(0, 0, loopback()), null);
    }

    static HttpTestServer https(SSLContext context) throws IOException {
        return new HttpTestServer(context.getServerSocketFactory().createServerSocket(0, 0, loopback()), null);
    }

    /** Ends its connections with FIN alone, without the {@code close_notify} of TLS. */
    static HttpTestServer httpsWithoutCloseNotify(SSLContext context) throws IOException {
        return new HttpTestServer(new ServerSocket(0, 0, loopback()), context);
    }

    /** Ends its connections with a reset. */
    HttpTestServer resetting() {
        resets = true;
        return this;
    }

    /** Ends each connection after so many requests, without announcing it. */
    HttpTestServer silentlyClosingAfter(int requests) {
        requestsPerConnection = requests;
        return this;
    }

    /** Answers only so many requests of each connection; ends the connection instead of answering the next one. */
    HttpTestServer droppingAfter(int requests) {
        answersPerConnection = requests;
        return this;
    }

    /** Sends these bytes in answer to a request for the path, and leaves the connection open. */
    HttpTestServer answering(String path, String answer) {
        answers.put(path, answer);
        return this;
    }

    /** Sends the last part again and again in answer to a request for the path, after the other parts. */
    HttpTestServer answeringForEver(String path, String... parts) {
        answers.put(path, String.join("", List.of(parts).subList(0, parts.length - 1)));
        endless.put(path, parts[parts.length - 1]);
        return this;
    }

    /** Waits until all connections have ended. */
    void awaitNoConnection() {
        await().until(open::isEmpty);
    }

    int port() {
        return listening.getLocalPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    int accepted() {
        return accepted.get();
    }

    /** The heads of the requests: request line and headers. */
    Queue<String> heads() {
        return heads;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                accepted.incrementAndGet();
                open.add(socket);
                daemon(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the server was closed
        }
    }

    private void serve(Socket accepted) {
        try (accepted) {
            Socket socket = layered == null ? accepted : withTls(layered, accepted);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            boolean staysOpen = true;
            for (int i = 0; staysOpen && i < requestsPerConnection; i++) {
                String head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                heads.add(head);
                staysOpen = i < answersPerConnection && answer(head.split(" ", 3)[1], socket.getOutputStream());
            }
            if (resets) {
                accepted.setSoLinger(true, 0);
                return;
            }
            accepted.shutdownOutput();
            // Reads what the client still sends, so that no reset overtakes the last answer.
            while (in.read() >= 0) {}
        } catch (IOException brokenOrClosed) {
            // the client has gone
        } finally {
            open.remove(accepted);
        }
    }

    private static Socket withTls(SSLContext context, Socket accepted) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(accepted, "client", 0, false);
        socket.setUseClientMode(false);
        return socket;
    }

    private static String head(BufferedReader in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    /** Answers; true if the connection stays open. */
    private boolean answer(String path, OutputStream out) throws IOException {
        if (answers.containsKey(path)) {
            send(out, answers.get(path));
            while (endless.containsKey(path)) {
                send(out, endless.get(path));
            }
            return true;
        }
        switch (path) {
            case "/chunked" ->
                send(out, OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: t\r\n\r\n");
            case "/empty" -> send(out, "HTTP/1.1 204 No Content\r\n\r\n");
            case "/not-modified" -> send(out, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
            case "/hints" ->
                send(out, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + "Content-Length: 5\r\n\r\nhello");
            case "/missing" -> send(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
            case "/broken" -> send(out, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
            case "/close" -> send(out, OK + "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
            case "/to-the-end" -> send(out, OK + "\r\nhello");
            case "/old" -> send(out, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            case "/cut" -> send(out, OK + "Content-Length: 100\r\n\r\nhello");
            case "/cut-chunk" -> send(out, OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            case "/cut-head" -> send(out, OK + "Content-Length: 5\r\n");
            case "/nothing" -> send(out, "");
            case "/garbage" -> send(out, "this is not HTTP\r\n\r\n");
            default -> send(out, OK + "Content-Length: 5\r\n\r\nhello");
        }
        return !Set.of("/close", "/to-the-end", "/old", "/cut", "/cut-chunk", "/cut-head", "/nothing", "/garbage")
                .contains(path);
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByName("127.0.0.1");
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "http test server");
        thread.setDaemon(true);
        thread.start();
    }
}
