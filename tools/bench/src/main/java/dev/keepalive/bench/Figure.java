package dev.keepalive.bench;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A figure of a measurement. The measuring JVM prints it as a line of JSON on standard output.
 *
 * @param workload the id of the workload, {@code W1} for example
 * @param contender the name of the contender that was measured
 * @param setting the variant of the workload, {@code 1000 endpoints, 2 threads} for example: the key of a column
 * @param unit the unit of the value, {@code ns} or {@code B} for example; for a failure, what went wrong
 * @param value the value; NaN if the measurement failed
 */
public record Figure(String workload, String contender, String setting, String unit, double value) {
    private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    private static final Pattern LINE = Pattern.compile("\\{\"workload\":" + TEXT + ",\"contender\":" + TEXT
            + ",\"setting\":" + TEXT + ",\"unit\":" + TEXT + ",\"value\":(null|[-+.0-9eE]+)}");

    /** A failed measurement; {@code why} is the reason, {@code hung} for example. */
    public static Figure failed(String workload, String contender, String setting, String why) {
        return new Figure(workload, contender, setting, why, Double.NaN);
    }

    /** True if the measurement failed; the unit then says why. */
    public boolean failed() {
        return Double.isNaN(value);
    }

    /** The figure as a line of JSON. */
    public String line() {
        return "{\"workload\":" + quoted(workload) + ",\"contender\":" + quoted(contender) + ",\"setting\":"
                + quoted(setting)
                + ",\"unit\":" + quoted(unit) + ",\"value\":"
                + (Double.isFinite(value) ? Double.toString(value) : "null")
                + "}";
    }

    /** Parses a line that {@link #line} wrote; empty for any other line. */
    public static Optional<Figure> parse(String line) {
        Matcher found = LINE.matcher(line.strip());
        if (!found.matches()) {
            return Optional.empty();
        }
        String value = found.group(5);
        return Optional.of(new Figure(
                plain(found.group(1)),
                plain(found.group(2)),
                plain(found.group(3)),
                plain(found.group(4)),
                value.equals("null") ? Double.NaN : Double.parseDouble(value)));
    }

    /** Quotes a text as JSON does. Control characters become blanks. */
    public static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\');
            }
            json.append(c < ' ' ? ' ' : c);
        }
        return json.append('"').toString();
    }

    private static String plain(String quoted) {
        return quoted.replaceAll("\\\\(.)", "$1");
    }
}
