package dev.keepalive.testservers;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A redis-server on a port of loopback, without files. If it is not installed, the test is skipped. */
public final class RedisServer implements AutoCloseable {
    private final Path program = InstalledPrograms.program("redis-server", "redis-server");
    private final int port;
    private Process process;

    /** Starts it, and waits until it listens. */
    public RedisServer() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        start();
    }

    /** The port that it listens on, also after a restart. */
    public int port() {
        return port;
    }

    /**
     * Ends it and starts it again, on the same port and without its data.
     *
     * @param cleanly false to kill it
     */
    public void restart(boolean cleanly) throws Exception {
        end(cleanly);
        start();
    }

    private void start() throws IOException {
        process = new ProcessBuilder(
                        program.toString(),
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--daemonize",
                        "no")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await("redis-server to listen").atMost(Duration.ofSeconds(30)).until(this::answers);
    }

    private boolean answers() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private void end(boolean cleanly) throws InterruptedException {
        if (cleanly) {
            process.destroy();
        } else {
            process.destroyForcibly();
        }
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    @Override
    public void close() throws InterruptedException {
        end(false);
    }
}
