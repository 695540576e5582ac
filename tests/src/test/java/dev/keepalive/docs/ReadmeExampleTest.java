package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Runs the example of the README against a server that answers PONG. */
class ReadmeExampleTest {
    @Test
    void theExampleRuns() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> serve(server));
            thread.setDaemon(true);
            thread.start();
            assertThat(printed("redis://127.0.0.1:" + server.getLocalPort())).isEqualToIgnoringNewLines("+PONG+PONG");
        }
    }

    private static void example(String address) throws Exception {
        try (var connections =
                ConnectionManager.builder(NettyConnector.create()).build()) { // one for the program
            var cache = Endpoint.parse(address); // for example redis://127.0.0.1:6379
            String pong = connections
                    .blocking()
                    .use(cache, lease -> ping(lease.connection()).get()); // returns: kept; throws: closed
            CompletableFuture<String> later =
                    connections.use(cache, lease -> ping(lease.connection())); // the same; cancel it at will
            System.out.println(pong + later.join());
        }
    }

    static CompletableFuture<String> ping(NettyConnection connection) {
        var reply = new CompletableFuture<String>();
        FrameStream<String> frames = connection.start(new FrameListener<String>() {
            @Override
            public void input(String line) {
                reply.complete(line);
            }

            @Override
            public void ended(@Nullable Throwable error) {
                reply.completeExceptionally(error != null ? error : new EOFException("the server ended the stream"));
            }
        });
        frames.send("PING");
        return reply;
    }

    private static String printed(String address) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            example(address);
        } finally {
            System.setOut(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    /** Accepts one connection only: the example must not need more. */
    private static void serve(ServerSocket server) {
        try (Socket socket = server.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            while ("PING".equals(in.readLine())) {
                socket.getOutputStream().write("+PONG\r\n".getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // the example fails then
        }
    }
}
