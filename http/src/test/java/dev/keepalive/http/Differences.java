package dev.keepalive.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where this client differs from the JDK's on purpose: the rows of {@code differences.tsv}. The columns are a pattern
 * of the names of cases, what the outcome with this client contains, and why.
 */
final class Differences {
    private static final List<Row> ROWS = read();

    private Differences() {}

    /** @param own a part of the outcome with this client */
    record Row(String pattern, String own, String why) {
        private static Row of(String line) {
            String[] columns = line.split("\t", -1);
            if (columns.length != 3) {
                throw new IllegalArgumentException("not three columns: " + line);
            }
            return new Row(columns[0], columns[1], columns[2]);
        }
    }

    /** The row of a case; null if both clients do the same. */
    static @Nullable Row of(String name) {
        return ROWS.stream()
                .filter(row -> name.matches(row.pattern()))
                .findFirst()
                .orElse(null);
    }

    static List<String> patterns() {
        return ROWS.stream().map(Row::pattern).toList();
    }

    static List<Row> rows() {
        return ROWS;
    }

    private static List<Row> read() {
        try (InputStream in = Differences.class.getResourceAsStream("differences.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
