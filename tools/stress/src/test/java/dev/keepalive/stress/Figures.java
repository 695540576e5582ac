package dev.keepalive.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How many executions there were. Kept among the system's properties, which are outside of what Lincheck puts back to
 * where it was before each execution.
 */
final class Figures {
    private static final String EXECUTIONS = "lincheck.executions";
    private static final Path FILE = Path.of("target", "lincheck.txt");

    private Figures() {}

    static void executed() {
        System.setProperty(EXECUTIONS, String.valueOf(executions() + 1));
    }

    private static long executions() {
        return Long.getLong(EXECUTIONS, 0);
    }

    /** Runs a check, and leaves a line with its figures in {@code target/lincheck.txt}, whether it passes or not. */
    static void of(String name, int scenarios, Runnable check) {
        long before = executions();
        boolean passed = false;
        try {
            check.run();
            passed = true;
        } finally {
            write(name + " " + scenarios + " " + (executions() - before) + (passed ? " passed" : " failed") + "\n");
        }
    }

    private static void write(String line) {
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
