package dev.keepalive.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The result of running a command line in this JVM. */
record CliRun(int status, String out, String err) {
    static CliRun run(String... arguments) {
        return typing("", arguments);
    }

    static CliRun typing(String typed, String... arguments) {
        return reading(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)), arguments);
    }

    static CliRun reading(InputStream in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = KeepaliveCli.run(in, out, err, arguments);
        return new CliRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The number in this row of the table, or -1 if there is no such row. */
    long row(String name) {
        Matcher row =
                Pattern.compile("(?m)^ *" + Pattern.quote(name) + " +(\\d+)$").matcher(out);
        return row.find() ? Long.parseLong(row.group(1)) : -1;
    }
}
