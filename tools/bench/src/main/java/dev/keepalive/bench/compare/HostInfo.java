package dev.keepalive.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The computer and the JDK on which a run measures.
 *
 * @param java the path of the {@code java} program
 * @param version the version of the JDK
 * @param cores the number of processors
 * @param system the operating system
 */
record HostInfo(String java, String version, int cores, String system) {
    private static final String VERSION = "JAVA_VERSION=";

    /** This host with the JDK at that home; null for the JDK that runs now. */
    static HostInfo of(@Nullable Path jdk) throws IOException {
        Path home = jdk == null ? Path.of(System.getProperty("java.home")) : jdk;
        return new HostInfo(
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

    /** One line for the head of the report. */
    String summary() {
        return "JDK " + version + ", " + cores + " cores, " + system;
    }
}
