package dev.keepalive.docs;

import static dev.keepalive.docs.Pages.PROJECT;
import static dev.keepalive.docs.Pages.read;
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
import org.junit.jupiter.api.Test;

/**
 * The documentation tells the truth, as far as a program can see: its links, its examples, and the tests that it names.
 */
class DocumentationTest {
    private static final String FAULTS = "docs/faults.md";

    private static final String SCENARIOS = "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A14 A16 A17 A18"
            + " B01 B02 B03 B05 B06 B07 B09 B11 B12 B13 B14 B15"
            + " C01 C02 C05 C06 C08 C09 C10 C11 C12 C13 C14 C15 C16 C18 C19 C20"
            + " D01 D02 D03 D04 D07 D08 D09 D11 D12 D13 D15 D16 D17 D18 D19 D20 D21 D22"
            + " E01 E02 E03 E04 E05 E06 E07 E10 E11 E12 E13 E14 E15 E17 E18 E19 E20"
            + " F01 F02 F03 F05 F06 F07 F08 F09 F10 F11 F12"
            + " G01 G02 G03 G04 G06 G07 G08 G09 G10 G11 G12 G13 G14 G17 G19 G20 G21 G22 G23 G24 G25 G26 G27 G28"
            + " H01 H03 H05 H06 H07 H08 H09 H11"
            + " I01 I02 I03 I04 I06 I08 I10 I11 I12 I13 I14 I15 I16 I17 I18 I19 I20 I21 I22"
            + " J01 J02 J03 J04 J05 J06 J07 J08 J09 J10 K01 K02 K04 K06"
            + " L01 L02 L03 L04 L05 L06 L07 L08 L09 L10 L11 L12 L13 L14 L15 L16 L17 L18 L19 L20"
            + " L21 L22 L23 L24 L25 L26 L27 L28 L29 L30 L31 L32 L33 L34 L35 L36 L37 L38 L39 L40"
            + " L41 L42 L43 L44 L45 L46 L47 L48 L49 L50 L51 L52 L53 L54 L55 L56 L57 L58 L59 L60"
            + " L61 L62 L63 L64 L65 L66 L67 L68 L69 L70 L71 L72 L73 L74";

    private static final Pattern TAG = Pattern.compile("@Tag\\(\"([A-Z]\\d\\d)\"\\)");
    private static final Pattern TAGGED_TEST = Pattern.compile("((?:@[^\\n]+\\n\\s+)+)void (\\w+)\\(");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    // ---- links

    @Test
    void everyLinkWithinTheProjectLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : Pages.files(".md")) {
            for (MatchResult link :
                    LINK.matcher(Pages.prose(read(page))).results().toList()) {
                links++;
                if (!link.group(1).contains("://") && !leadsSomewhere(page, link.group(1))) {
                    broken.add(PROJECT.relativize(page) + ": " + link.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(100);
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = path.isEmpty() ? page : page.resolveSibling(path);
        return Files.exists(target) && (hash < 0 || Pages.anchors(read(target)).contains(link.substring(hash + 1)));
    }

    // ---- examples

    @Test
    void everyJavaExampleIsOneThatIsCompiledAndRun() throws IOException {
        Map<String, String> tests = Pages.testSources();
        String compiled = squeezed(tests.get("ReadmeExampleTest")
                + tests.get("DocsExamplesTest")
                + tests.get("ClientExamplesTest")
                + tests.get("HttpExampleTest")
                + tests.get("HttpClientExamplesTest")
                + tests.get("SharedExamplesTest")
                + tests.get("LineStreams"));
        int examples = 0;
        for (Path page : Pages.files(".md")) {
            for (String example : Pages.blocks(read(page), "java")) {
                examples++;
                assertThat(compiled).as("compiled, of " + page).contains(squeezed(example));
                for (MatchResult method : Pattern.compile("(?m)^static .*? (\\w+)\\(")
                        .matcher(example)
                        .results()
                        .toList()) {
                    assertThat(compiled.split(method.group(1) + "\\(", -1))
                            .as("declared and called: " + method.group(1))
                            .hasSizeGreaterThan(2);
                }
            }
        }
        assertThat(examples).isGreaterThan(10);
    }

    /** Without white space and comments at the ends of lines, so that the formatter may break lines where it likes. */
    private static String squeezed(String java) {
        return java.replaceAll("(?m)(^|\\s)//\\s.*$", "").replaceAll("\\s+", "");
    }

    @Test
    void theReadmeIsReadInThreeMinutes() throws IOException {
        String readme = read("README.md");
        assertThat(readme.split("\\s+")).hasSizeBetween(600, 800);
        String beginning = String.join("\n", readme.lines().limit(30).toList());
        assertThat(Pages.blocks(beginning, "java")).isNotEmpty();
        assertThat(Pages.blocks(readme, "sh")).startsWith("bin/keepalive demo\n", "mvn -B -ntp verify\n");
    }

    // ---- tests

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        assertThat(namesOfTests(read("docs/seed-conformance.md"))).hasSizeGreaterThan(80);
        assertThat(namesOfTests(read(FAULTS))).hasSizeGreaterThan(150);
        Map<String, String> tests = Pages.testSources();
        for (Path page : Pages.files(".md")) {
            for (MatchResult name : namesOfTests(read(page))) {
                assertThat(tests).as("named in " + page).containsKey(name.group(1));
                assertThat(tests.get(name.group(1))).as(name.group()).contains("void " + name.group(2) + "(");
            }
        }
    }

    @Test
    void everyScenarioOfTheFaultCatalogueIsInItsTable() throws IOException {
        List<String> scenarios = new ArrayList<>();
        for (MatchResult row : scenarios(read(FAULTS))) {
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
        Map<String, String> named = new HashMap<>();
        scenarios(read(FAULTS)).forEach(row -> named.put(row.group(1), row.group(3)));
        List<String> tagged = new ArrayList<>();
        for (Map.Entry<String, String> source : Pages.testSources().entrySet()) {
            String name = source.getKey();
            for (MatchResult test :
                    TAGGED_TEST.matcher(source.getValue()).results().toList()) {
                for (MatchResult tag : TAG.matcher(test.group(1)).results().toList()) {
                    tagged.add(tag.group(1));
                    assertThat(named).containsKey(tag.group(1));
                    assertThat(named.get(tag.group(1))).contains('`' + name + '#' + test.group(2) + '`');
                }
            }
        }
        assertThat(tagged).hasSizeGreaterThan(100);
    }

    /** A scenario, what must be seen, and the tests. */
    private static List<MatchResult> scenarios(String page) {
        return Pattern.compile("^\\| ([A-Z]\\d\\d) \\| (.+) \\| (.+) \\|$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .toList();
    }

    private static List<MatchResult> namesOfTests(String page) {
        return Pattern.compile("`(\\w+)#(\\w+)`").matcher(page).results().toList();
    }
}
