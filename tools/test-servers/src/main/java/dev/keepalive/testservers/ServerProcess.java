package dev.keepalive.testservers;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** The process of a server, which may be ended and started anew with the same command. Its output is kept in a file. */
final class ServerProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> command;
    private final Path folder;
    private final int port;
    private volatile Process process;

    /** Starts it, without waiting until it listens. */
    ServerProcess(List<String> command, Path folder, int port) {
        this.command = command;
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    private Process launch() {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("output.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again after its end. */
    void start() {
        process = launch();
    }

    void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill -" + name + " ended with status " + status + ": " + command);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, by force if it does not end by itself. */
    void end() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until its port accepts connections, and tells what went wrong if that does not happen; else null. */
    @Nullable
    String awaitListening() {
        try {
            await(command.get(0) + " to listen").atMost(PATIENCE).until(this::answersOrEnded);
            return process.isAlive() ? null : "ended at once: ";
        } catch (ConditionTimeoutException e) {
            return "does not listen: ";
        }
    }

    private boolean answersOrEnded() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return !process.isAlive();
        }
    }
}
