package dev.keepalive.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's files, as the tests of the documents read them. */
final class Pages {
    static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern FENCED = Pattern.compile("(?ms)^( *)```(\\w*)\n(.*?)^ *```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
    private static final Set<String> NOT_SOURCES = Set.of("target", ".git", "node_modules");

    private Pages() {}

    /** All files with this ending, but for what a build makes. */
    static List<Path> files(String ending) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(PROJECT)) {
            files.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> isSource(PROJECT.relativize(file).toString()))
                    .sorted(Comparator.naturalOrder())
                    .forEach(found::add);
        }
        return found;
    }

    private static boolean isSource(String path) {
        return Stream.of(path.split("/")).noneMatch(NOT_SOURCES::contains);
    }

    /** A page or source, by its path from the project's folder. */
    static String read(String path) throws IOException {
        return read(PROJECT.resolve(path));
    }

    static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    /** The sources of all tests, by the names of their classes. */
    static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path file : files(".java")) {
            if (file.toString().contains("src/test")) {
                sources.put(file.getFileName().toString().replace(".java", ""), read(file));
            }
        }
        return sources;
    }

    /** The fenced blocks of a page in this language. */
    static List<String> blocks(String page, String language) {
        return FENCED.matcher(page)
                .results()
                .filter(block -> block.group(2).equals(language))
                .map(block -> block.group(3))
                .toList();
    }

    /** A page without its fenced blocks and its code. */
    static String prose(String page) {
        return FENCED.matcher(page).replaceAll("").replaceAll("`[^`\n]*`", "");
    }

    /** The anchors of a page's headings, made as GitHub makes them. */
    static List<String> anchors(String page) {
        Map<String, Integer> seen = new HashMap<>();
        List<String> anchors = new ArrayList<>();
        for (MatchResult heading :
                HEADING.matcher(FENCED.matcher(page).replaceAll("")).results().toList()) {
            String anchor = heading.group(1)
                    .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + '-' + before);
        }
        return anchors;
    }

    /** The part of a page under this heading, up to the next one of its level or above. */
    static String section(String page, String heading) {
        int begin = page.indexOf(heading + '\n');
        if (begin < 0) {
            throw new IllegalArgumentException("there is no heading '" + heading + "'");
        }
        int level = heading.indexOf(' ');
        String rest = page.substring(begin + heading.length());
        return rest.split("(?m)^#{1," + level + "} ", 2)[0];
    }

    /** The code in the first cell of each row of a text's tables, and the whole of the second cell. */
    static Map<String, String> rows(String text) {
        Map<String, String> rows = new TreeMap<>();
        for (MatchResult row : Pattern.compile("(?m)^\\|([^|]*`[^|]*)\\|([^|]*)\\|")
                .matcher(text)
                .results()
                .toList()) {
            Pattern.compile("`([^`]+)`")
                    .matcher(row.group(1))
                    .results()
                    .forEach(code -> rows.put(code.group(1), row.group(2).strip()));
        }
        return rows;
    }
}
