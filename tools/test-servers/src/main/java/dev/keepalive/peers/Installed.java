package dev.keepalive.peers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the programs that tests need: on the path, or where Debian keeps those of the administrator. A test whose
 * program is missing is skipped, with a message that names Debian's package.
 */
public final class Installed {
    private Installed() {}

    /**
     * The program's file.
     *
     * @param debianPackage what to install to have it
     * @throws org.opentest4j.TestAbortedException if it is missing: the test is skipped
     */
    public static Path program(String name, String debianPackage) {
        String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> skip(name, debianPackage));
    }

    /** The same for a file that belongs to a program, and stands where Debian puts it. */
    public static Path file(String file, String debianPackage) {
        Path path = Path.of(file);
        return Files.isReadable(path) ? path : skip(file, debianPackage);
    }

    private static Path skip(String what, String debianPackage) {
        return Assumptions.abort(
                what + " is not installed: this test needs it; it is in Debian's package " + debianPackage);
    }
}
