package dev.keepalive.bench.loopback;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A server in a JVM of its own, with this JVM's class path. It prints its port first, and ends when its standard input
 * ends.
 */
public final class ServerProcess implements AutoCloseable {
    private static final int GRACE_SECONDS = 5;

    private final Process process;
    private final BufferedReader output;
    private final int port;

    private ServerProcess(Process process) throws IOException {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.US_ASCII);
        this.port = Integer.parseInt(line());
    }

    /** Starts a server and waits until it prints its port. */
    public static ServerProcess start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ServerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** The port of loopback on which the server listens. */
    public int port() {
        return port;
    }

    /** Reads the next line that the server prints. */
    public String line() throws IOException {
        return Objects.requireNonNull(output.readLine(), "the server has ended");
    }

    /** Sends the server a command, one line. */
    public void send(String command) throws IOException {
        process.getOutputStream().write((command + '\n').getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
