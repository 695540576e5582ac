package dev.keepalive.testservers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds the programs that tests need: on the path, or where Debian keeps programs for administrators. A test whose
 * program is missing is skipped, with a message that names the Debian package.
 */
public final class InstalledPrograms {
    private InstalledPrograms() {}

    /**
     * The file of a program.
     *
     * @param debianPackage the package to install
     * @throws org.opentest4j.TestAbortedException if the program is missing: the test is skipped
     */
    public static Path program(String name, String debianPackage) {
        String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> skip(name, debianPackage));
    }

    /** The same for a file that belongs to a program, at its place in Debian. */
    public static Path file(String file, String debianPackage) {
        Path path = Path.of(file);
        return Files.isReadable(path) ? path : skip(file, debianPackage);
    }

    private static Path skip(String what, String debianPackage) {
        return Assumptions.abort(
                what + " is not installed. This test needs it; it is in Debian's package " + debianPackage);
    }
}
