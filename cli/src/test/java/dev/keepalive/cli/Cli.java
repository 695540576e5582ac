package dev.keepalive.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the program did with a command line, in this JVM. */
record Cli(int status, String out, String err) {
    static Cli run(String... arguments) {
        return typing("", arguments);
    }

    static Cli typing(String typed, String... arguments) {
        return reading(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)), arguments);
    }

    static Cli reading(InputStream in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(in, out, err, arguments);
        return new Cli(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The number in this row of the table, or -1 if there is no such row. */
    long row(String name) {
        Matcher row =
                Pattern.compile("(?m)^ *" + Pattern.quote(name) + " +(\\d+)$").matcher(out);
        return row.find() ? Long.parseLong(row.group(1)) : -1;
    }
}
