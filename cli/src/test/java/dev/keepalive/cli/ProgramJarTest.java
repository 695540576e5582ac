package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What the jar of the program contains. Runs after the jar is made. */
class ProgramJarTest {
    private static final Path JAR = Path.of("target/keepalive.jar");

    /** The software in the jar by its package; each has a section of the notice. */
    private static final Map<String, String> NOTICES = Map.of(
            "dev/keepalive/",
            "Keepalive",
            "io/netty/",
            "Netty",
            "picocli/",
            "picocli",
            "org/HdrHistogram/",
            "HdrHistogram");

    @Test
    void theLicenseIsTheProgramsOwn() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(text(jar, "META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("../LICENSE")));
            assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.matches("META-INF/(LICENSE|NOTICE).*")))
                    .containsExactlyInAnyOrder("META-INF/LICENSE", "META-INF/NOTICE");
        }
    }

    @Test
    void theNoticeNamesAllSoftwareThatIsIncluded() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> included = jar.stream()
                    .map(entry -> entry.getName().replaceFirst("^META-INF/versions/\\d+/", ""))
                    .filter(name -> name.endsWith(".class"))
                    .map(ProgramJarTest::software)
                    .collect(Collectors.toSet());

            assertThat(included).isEqualTo(Set.copyOf(NOTICES.values()));
            String notice = text(jar, "META-INF/NOTICE");
            assertThat(notice).startsWith("Keepalive\n");
            included.remove("Keepalive");
            assertThat(included).allSatisfy(name -> assertThat(notice).contains("\n== " + name + " ==\n"));
        }
    }

    /** The software that a class belongs to; its file name if that is not known. */
    private static String software(String file) {
        return NOTICES.entrySet().stream()
                .filter(known -> file.startsWith(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(file);
    }

    private static String text(JarFile jar, String name) throws IOException {
        return new String(jar.getInputStream(jar.getJarEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
}
