package dev.keepalive.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;

/** What a measuring program prints, run inside this JVM. */
public final class Figures {
    private Figures() {}

    /** Runs it. */
    public static List<Figure> of(Measurement program, String... arguments) {
        StringWriter out = new StringWriter();
        program.run(new PrintWriter(out), arguments);
        return out.toString()
                .lines()
                .map(Figure::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Of what they are, without values. */
    public static List<String> named(List<Figure> figures) {
        return figures.stream()
                .map(figure -> figure.setting() + ": " + figure.unit())
                .toList();
    }
}
