package dev.keepalive.cli;

import dev.keepalive.testservers.InstalledPrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program in a JVM of its own. */
final class CliProcess {
    private CliProcess() {}

    /** The program, not started yet. */
    static ProcessBuilder of(String... arguments) {
        return new ProcessBuilder(words(arguments));
    }

    /**
     * The program, not started yet, with its output in a pipe whose reader has gone before.
     *
     * @param redirection the shell's words that send the output to the pipe, which is descriptor 3
     */
    static ProcessBuilder withoutReader(String redirection, String... arguments) {
        List<String> words = new ArrayList<>();
        words.add(InstalledPrograms.program("bash", "bash").toString());
        words.add("-c");
        words.add("exec 3> >(:); wait $!; exec \"$@\" " + redirection + " 3>&-");
        words.add("bash");
        words.addAll(words(arguments));
        return new ProcessBuilder(words);
    }

    private static List<String> words(String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // it runs for a second or two
                "-cp",
                System.getProperty("java.class.path"),
                KeepaliveCli.class.getName()));
        words.addAll(List.of(arguments));
        return words;
    }
}
