package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page about the command line has what the commands have. */
class DocumentedCommandsTest {
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z0-9-]+");
    private static final Set<String> OF_ALL = Set.of("--help", "--version", "--verbose");

    @ParameterizedTest
    @ValueSource(strings = {"demo", "connect", "fetch", "replay"})
    void everyOptionOfACommandIsInItsTables(String command) throws IOException {
        String page = page();
        String own = section(page, command);
        String tables = own.contains("#route-and-tls") ? own + section(page, "Route and TLS") : own;
        Set<String> documented = new TreeSet<>();
        for (MatchResult row :
                Pattern.compile("(?m)^\\| `-[^|]+").matcher(tables).results().toList()) {
            documented.addAll(optionsIn(row.group()));
        }

        Set<String> offered = optionsIn(CliRun.run(command, "--help").out().split("Example")[0]);
        offered.removeAll(OF_ALL);

        assertThat(documented).isEqualTo(offered);
    }

    @Test
    void everyCommandIsThere() throws IOException {
        String help = CliRun.run("--help").out();
        for (MatchResult command : Pattern.compile("(?m)^\\| \\[`(\\w+)`]\\(#\\1\\)")
                .matcher(page())
                .results()
                .toList()) {
            assertThat(help).containsPattern("(?m)^  " + command.group(1) + "\\b");
        }
        long documented =
                Pattern.compile("(?m)^\\| \\[`\\w+`]").matcher(page()).results().count();
        long offered = Pattern.compile("(?m)^  \\w+  +\\S")
                .matcher(help.substring(help.indexOf("Commands:"), help.indexOf("Examples:")))
                .results()
                .count();
        assertThat(documented).isEqualTo(offered);
    }

    private static Set<String> optionsIn(String text) {
        Set<String> options = new TreeSet<>();
        OPTION.matcher(text).results().forEach(option -> options.add(option.group()));
        return options;
    }

    private static String section(String page, String heading) {
        return page.split("\n## " + heading + "\n", 2)[1].split("\n## ", 2)[0];
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/cli.md"));
    }
}
