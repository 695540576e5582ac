package dev.keepalive.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** What a peer needs before it is started: its program, a folder, ports, files. */
final class Setting {
    static final String CONFIGURATION = "configuration";

    /**
     * Below the ports that systems choose by themselves, so that nobody's connection takes one between this choice and
     * its use.
     */
    private static final int FIRST_PORT = 15_000;

    private static final int LAST_PORT = 32_000;

    final String name;
    final Path folder;
    final int port = freePort();
    final int otherPort = freePort();
    private final Path program;

    /** @throws org.opentest4j.TestAbortedException if the program is not installed: the test is skipped */
    Setting(String program, String debianPackage) {
        this.name = program;
        this.program = Installed.program(program, debianPackage);
        try {
            folder = Files.createTempDirectory("keepalive-" + program);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void configuration(String text) {
        write(CONFIGURATION, filledIn(text));
    }

    void identity(String certificatePem, String keyPem) {
        write("certificate.pem", certificatePem);
        write("key.pem", keyPem);
    }

    void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For a program that gives up its rights. */
    void letEverybodyIn() {
        boolean in = folder.toFile().setReadable(true, false)
                && folder.toFile().setWritable(true, false)
                && folder.toFile().setExecutable(true, false);
        if (!in) {
            throw new IllegalStateException("nobody else can be let into " + folder);
        }
    }

    Peer start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (String argument : arguments) {
            command.add(filledIn(argument));
        }
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output.log").toFile())
                    .start();
            return new Peer(this, process).awaited();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String filledIn(String text) {
        return text.replace("OTHER_PORT", String.valueOf(otherPort))
                .replace("PORT", String.valueOf(port))
                .replace("FOLDER", folder.toString());
    }

    private static int freePort() {
        for (int i = 0; i < 1_000; i++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // another one
            }
        }
        throw new IllegalStateException("no free port");
    }
}
