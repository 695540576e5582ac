package dev.keepalive.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Counts executions. The count is a system property, because Lincheck resets everything else before each execution. */
final class LincheckFigures {
    private static final String EXECUTIONS = "lincheck.executions";
    private static final Path FILE = Path.of("target", "lincheck.txt");

    private LincheckFigures() {}

    static void executed() {
        System.setProperty(EXECUTIONS, String.valueOf(executions() + 1));
    }

    private static long executions() {
        return Long.getLong(EXECUTIONS, 0);
    }

    /** Runs a check, and appends a line with its figures to {@code target/lincheck.txt}, whether it passes or not. */
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
