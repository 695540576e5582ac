package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation tells the truth, as far as a program can see. */
class DocumentationTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void everyJavaExampleOfTheReadmeIsOneThatIsCompiledAndRun() throws IOException {
        String compiled =
                squeezed(read(PROJECT.resolve("netty/src/test/java/dev/keepalive/docs/ReadmeExampleTest.java")));
        List<String> examples = blocks(read(PROJECT.resolve("README.md")), "java");
        assertThat(examples).hasSize(2);
        for (String example : examples) {
            assertThat(compiled).contains(squeezed(example));
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        String conformance = read(PROJECT.resolve("docs/seed-conformance.md"));
        List<MatchResult> names = Pattern.compile("`(\\w+)#(\\w+)`")
                .matcher(conformance)
                .results()
                .toList();
        assertThat(names).hasSizeGreaterThan(80);
        for (MatchResult name : names) {
            assertThat(read(testNamed(name.group(1)))).as(name.group()).contains("void " + name.group(2) + "(");
        }
    }

    @Test
    void everyOptionIsInTheReadmesTable() throws IOException {
        String readme = read(PROJECT.resolve("README.md"));
        assertThat(optionsOf("core/src/main/java/dev/keepalive/ManagerBuilder.java"))
                .hasSize(17)
                .allSatisfy(option -> assertThat(readme).containsPattern("\\| `" + option + "[`(]"));
        assertThat(optionsOf("netty/src/main/java/dev/keepalive/netty/NettyConnectorBuilder.java"))
                .hasSizeGreaterThan(4)
                .allSatisfy(option -> assertThat(readme).containsPattern("\\| `" + option + "[`(]"));
    }

    @Test
    void everyLinkWithinTheProjectLeadsSomewhere() throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT, 3)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                for (MatchResult link : Pattern.compile("]\\(([^)#:]+)\\)")
                        .matcher(read(file))
                        .results()
                        .toList()) {
                    assertThat(file.resolveSibling(link.group(1)))
                            .as("in " + file)
                            .exists();
                }
            }
        }
    }

    private static List<String> optionsOf(String builder) throws IOException {
        return Pattern.compile("public \\w+Builder(?:<C>)? (\\w+)\\(")
                .matcher(read(PROJECT.resolve(builder)))
                .results()
                .map(option -> option.group(1))
                .distinct()
                .toList();
    }

    private static Path testNamed(String name) throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            return files.filter(file -> file.endsWith(name + ".java"))
                    .filter(file -> file.toString().contains("src/test"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no test " + name));
        }
    }

    private static List<String> blocks(String markdown, String language) {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(markdown)
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** Without white space, so that the formatter may break lines where it likes. */
    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }
}
