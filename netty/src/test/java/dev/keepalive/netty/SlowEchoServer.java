package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Answers each line with the same line, in order. It answers late: when it has read some more lines, or when there is
 * nothing to read. Now and then it cuts an answer into pieces, or closes the connection.
 */
final class SlowEchoServer implements AutoCloseable {
    private static final int MOST_KEPT = 10;

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final int closesOneIn;

    /** @param closesOneIn after how many answers it closes a connection, on average */
    SlowEchoServer(int closesOneIn) throws IOException {
        this.closesOneIn = closesOneIn;
        start("accept", this::acceptAll);
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    Endpoint endpoint() {
        return Endpoint.of("echo", "127.0.0.1", listener.getLocalPort());
    }

    private void acceptAll() {
        for (int i = 0; !listener.isClosed(); i++) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                Random random = new Random(i);
                start("echo " + i, () -> serve(socket, random));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket, Random random) {
        StringBuilder kept = new StringBuilder();
        int lines = 0;
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            OutputStream out = socket.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                kept.append(line).append('\n');
                lines++;
                if (!in.ready() || lines >= 1 + random.nextInt(MOST_KEPT)) {
                    int cut = random.nextInt(kept.length());
                    out.write(kept.substring(0, cut).getBytes(StandardCharsets.US_ASCII));
                    out.write(kept.substring(cut).getBytes(StandardCharsets.US_ASCII));
                    kept.setLength(0);
                    lines = 0;
                    if (random.nextInt(closesOneIn) == 0) {
                        return;
                    }
                }
            }
        } catch (IOException ended) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
