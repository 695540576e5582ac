package dev.keepalive.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** What a server needs before it starts: its program, a folder, ports and files. */
final class TestServerSetup {
    static final String CONFIGURATION = "configuration";

    /**
     * Below the ports that systems choose themselves, so that no connection takes a port between its choice and its
     * use.
     */
    private static final int FIRST_PORT = 15_000;

    private static final int LAST_PORT = 32_000;

    final String name;
    final Path folder;
    final int port = freePort();
    final int otherPort = freePort();
    private final Path program;

    /** The name of the signal that makes the program load its configuration anew; empty if there is none. */
    String reloadSignal = "";

    /** @throws org.opentest4j.TestAbortedException if the program is missing: the test is skipped */
    TestServerSetup(String program, String debianPackage) {
        this.name = program;
        this.program = InstalledPrograms.program(program, debianPackage);
        try {
            folder = Files.createTempDirectory("keepalive-" + program);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void configuration(String text) {
        write(CONFIGURATION, filledIn(text));
    }

    void certificate(String certificatePem, String keyPem) {
        write("certificate.pem", certificatePem);
        write("key.pem", keyPem);
    }

    void write(String file, String text) {
        try {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the folder to all users, for a program that drops its rights. */
    void openToAllUsers() {
        boolean open = folder.toFile().setReadable(true, false)
                && folder.toFile().setWritable(true, false)
                && folder.toFile().setExecutable(true, false);
        if (!open) {
            throw new IllegalStateException("cannot open to all users: " + folder);
        }
    }

    TestServer start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (String argument : arguments) {
            command.add(filledIn(argument));
        }
        return new TestServer(this, new ServerProcess(command, folder, port)).awaitListening();
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
                // try another port
            }
        }
        throw new IllegalStateException("no free port");
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Deletes a folder and everything in it. */
    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
