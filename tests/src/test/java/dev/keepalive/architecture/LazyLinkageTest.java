package dev.keepalive.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.netty.NettyConnector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the JVM links when it first runs, it would often link on the thread of an alarm, while all other timers wait:
 * the first failure of a JVM was late by 60 to 200 ms. So the compiler does not leave the concatenation of strings to
 * the JVM.
 */
class LazyLinkageTest {
    @ParameterizedTest
    @ValueSource(classes = {ConnectionManager.class, NettyConnector.class})
    void noStringIsConcatenatedByCodeThatTheJvmLinksAtItsFirstRun(Class<?> inModule) throws Exception {
        URI place = inModule.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path path = Path.of(place);
        if (Files.isDirectory(path)) {
            assertNoConcatenationIsLinked(path);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(path)) {
                assertNoConcatenationIsLinked(jar.getPath("/"));
            }
        }
    }

    private static void assertNoConcatenationIsLinked(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> classes =
                    files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(classes).hasSizeGreaterThan(20);
            assertThat(classes).noneMatch(LazyLinkageTest::linksConcatenation);
        }
    }

    private static boolean linksConcatenation(Path classFile) {
        try (InputStream bytes = Files.newInputStream(classFile)) {
            return new String(bytes.readAllBytes(), StandardCharsets.ISO_8859_1).contains("makeConcatWithConstants");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
