package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation tells the truth, as far as a program can see. */
class DocumentationTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Path FAULTS = PROJECT.resolve("docs/faults.md");

    private static final String SCENARIOS = "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A14 A16 A17 A18"
            + " B01 B02 B03 B05 B06 B07 B09 B11 B12 B13 B14 B15"
            + " C01 C02 C05 C06 C08 C09 C10 C11 C12 C13 C14 C15 C16 C18"
            + " D01 D02 D03 D04 D07 D08 D09 D11 D12 D13 D15 D16 D17 D18 D19 D20 D21"
            + " E01 E02 E03 E04 E05 E06 E07 E10 E11 E12 E13 E14 E15 E17 E18"
            + " F01 F02 F03 F05 F06 F07 F08 F09 F10 F11 F12"
            + " G01 G02 G03 G04 G06 G07 G08 G09 G10 G11 G12 G13 G14 G17 G19 G20 G21 G22 G23 G24"
            + " H01 H03 H05 H06 H07 H08 H09 H11"
            + " I01 I02 I03 I04 I06 I08 I10 I11 I12 I13 I14 I15 I16 I17 I18 I19"
            + " J01 J02 J03 J04 J05 J06 J07 J08 J09 J10 K01 K02 K04 K06";

    private static final Pattern TAG = Pattern.compile("@Tag\\(\"([A-Z]\\d\\d)\"\\)");
    private static final Pattern TAGGED_TEST = Pattern.compile("((?:@[^\\n]+\\n\\s+)+)void (\\w+)\\(");

    @Test
    void everyJavaExampleOfTheReadmeIsOneThatIsCompiledAndRun() throws IOException {
        String compiled =
                squeezed(read(PROJECT.resolve("tests/src/test/java/dev/keepalive/docs/ReadmeExampleTest.java")));
        List<String> examples = blocks(read(PROJECT.resolve("README.md")), "java");
        assertThat(examples).hasSize(2);
        for (String example : examples) {
            assertThat(compiled).contains(squeezed(example));
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        assertThat(namesOfTests(read(PROJECT.resolve("docs/seed-conformance.md"))))
                .hasSizeGreaterThan(80);
        assertThat(namesOfTests(read(FAULTS))).hasSizeGreaterThan(150);
        Map<String, String> tests = testSources();
        for (String page : List.of("docs/seed-conformance.md", "docs/faults.md", "docs/mutants.md")) {
            for (MatchResult name : namesOfTests(read(PROJECT.resolve(page)))) {
                assertThat(tests).containsKey(name.group(1));
                assertThat(tests.get(name.group(1))).as(name.group()).contains("void " + name.group(2) + "(");
            }
        }
    }

    @Test
    void everyScenarioOfTheFaultCatalogueIsInItsTable() throws IOException {
        List<String> scenarios = new ArrayList<>();
        for (MatchResult row : rows(read(FAULTS))) {
            scenarios.add(row.group(1));
            boolean untested = row.group(3).equals("not tested");
            assertThat(untested || !namesOfTests(row.group(3)).isEmpty())
                    .as(row.group())
                    .isTrue();
            assertThat(untested)
                    .as("only what cannot arise: " + row.group())
                    .isEqualTo(List.of("G04", "I15").contains(row.group(1)));
        }
        assertThat(String.join(" ", scenarios)).isEqualTo(SCENARIOS);
    }

    @Test
    void everyTestOfAScenarioIsNamedThere() throws IOException {
        Map<String, String> tests = new HashMap<>();
        rows(read(FAULTS)).forEach(row -> tests.put(row.group(1), row.group(3)));
        List<String> tagged = new ArrayList<>();
        for (Map.Entry<String, String> source : testSources().entrySet()) {
            String name = source.getKey();
            for (MatchResult test :
                    TAGGED_TEST.matcher(source.getValue()).results().toList()) {
                for (MatchResult tag : TAG.matcher(test.group(1)).results().toList()) {
                    tagged.add(tag.group(1));
                    assertThat(tests).containsKey(tag.group(1));
                    assertThat(tests.get(tag.group(1))).contains('`' + name + '#' + test.group(2) + '`');
                }
            }
        }
        assertThat(tagged).hasSizeGreaterThan(100);
    }

    /** A scenario, what must be seen, and the tests. */
    private static List<MatchResult> rows(String page) {
        return Pattern.compile("^\\| ([A-Z]\\d\\d) \\| (.+) \\| (.+) \\|$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .toList();
    }

    private static List<MatchResult> namesOfTests(String page) {
        return Pattern.compile("`(\\w+)#(\\w+)`").matcher(page).results().toList();
    }

    @Test
    void everyOptionIsInTheReadmesTable() throws IOException {
        String readme = read(PROJECT.resolve("README.md"));
        assertThat(optionsOf("core/src/main/java/dev/keepalive/ManagerBuilder.java"))
                .hasSize(18)
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

    /** The sources of all tests, by the names of their classes. */
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(PROJECT)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("src/test"))
                    .toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), read(file));
            }
        }
        return sources;
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
