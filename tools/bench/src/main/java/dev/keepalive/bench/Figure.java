package dev.keepalive.bench;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One figure of one measurement, as the JVM that measured it prints it: a line of JSON on the standard output.
 *
 * @param workload what was done, {@code W1} for example
 * @param contender who did it: the name of an entrant
 * @param setting the variant of the workload, {@code 1000 endpoints, 2 threads} for example: the key of a column
 * @param unit of what the value is so many, {@code ns} or {@code B} for example; of a failure, what went wrong
 * @param value the value; not a number if the measurement failed
 */
public record Figure(String workload, String contender, String setting, String unit, double value) {
    private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    private static final Pattern LINE = Pattern.compile("\\{\"workload\":" + TEXT + ",\"contender\":" + TEXT
            + ",\"setting\":" + TEXT + ",\"unit\":" + TEXT + ",\"value\":(null|[-+.0-9eE]+)}");

    /** Says that there is no figure, and why: {@code hung}, for example. */
    public static Figure failed(String workload, String contender, String setting, String why) {
        return new Figure(workload, contender, setting, why, Double.NaN);
    }

    /** True if there is no value, and the unit says why. */
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

    /** The figure that such a line holds; empty if it is any other line. */
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

    /** A text as JSON writes it. Control characters become blanks. */
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
