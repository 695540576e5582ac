package dev.keepalive.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * On what is measured.
 *
 * @param java the program that runs Java
 * @param version its version
 * @param cores how many processors there are
 * @param system the operating system
 */
record Machine(String java, String version, int cores, String system) {
    private static final String VERSION = "JAVA_VERSION=";

    /** This machine, with this JDK, or with the one that runs now. */
    static Machine of(@Nullable Path jdk) throws IOException {
        Path home = jdk == null ? Path.of(System.getProperty("java.home")) : jdk;
        return new Machine(
                home.resolve("bin").resolve("java").toString(),
                jdk == null ? System.getProperty("java.version") : version(home),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"));
    }

    private static String version(Path home) throws IOException {
        try (var lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith(VERSION))
                    .map(line -> line.substring(VERSION.length()).replace("\"", ""))
                    .findFirst()
                    .orElse("unknown");
        }
    }

    /** In words. */
    String inWords() {
        return "JDK " + version + ", " + cores + " cores, " + system;
    }
}
