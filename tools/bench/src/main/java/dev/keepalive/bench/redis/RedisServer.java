package dev.keepalive.bench.redis;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A real redis-server on loopback, which keeps nothing on disk. */
final class RedisServer implements AutoCloseable {
    private static final String PROGRAM = "redis-server";

    private final Process process;
    private final int port;

    private RedisServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a server and waits until it takes commands.
     *
     * @throws IllegalStateException if the program is not installed, or does not start
     */
    static RedisServer start() throws IOException {
        Path program = program()
                .orElseThrow(() -> new IllegalStateException(
                        "skipped: " + PROGRAM + " is not installed (Debian's package redis-server)"));
        int port = freePort();
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no")
                .redirectErrorStream(true)
                .start();
        awaitReady(process.inputReader(StandardCharsets.UTF_8));
        return new RedisServer(process, port);
    }

    private static Optional<Path> program() {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/bin";
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void awaitReady(BufferedReader log) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.contains("Ready to accept connections")) {
                return;
            }
            all.append(line).append('\n');
        }
        throw new IllegalStateException(PROGRAM + " did not start: " + all);
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
