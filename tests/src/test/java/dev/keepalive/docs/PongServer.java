package dev.keepalive.docs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that answers PING, and AUTH with the right password. Counts its connections. */
final class PongServer implements AutoCloseable {
    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();

    PongServer() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        run(this::acceptAll);
    }

    /** Its address as an endpoint's text. */
    String address() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    /** How many connections it has accepted. */
    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "pong-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                run(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private static void serve(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                socket.getOutputStream().write((answer(line) + "\r\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException broken) {
            // the client sees it too
        }
    }

    private static String answer(String line) {
        return switch (line) {
            case "PING" -> "+PONG";
            case "AUTH secret" -> "+OK";
            default -> "-ERR";
        };
    }
}
