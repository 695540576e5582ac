package dev.keepalive.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;

/** Runs a measuring program inside this JVM and captures its figures. */
public final class FigureCapture {
    private FigureCapture() {}

    /** Runs the program with these arguments. */
    public static List<Figure> of(Measurement program, String... arguments) {
        StringWriter out = new StringWriter();
        program.run(new PrintWriter(out), arguments);
        return out.toString()
                .lines()
                .map(Figure::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The figures' settings and units, without values. */
    public static List<String> labels(List<Figure> figures) {
        return figures.stream()
                .map(figure -> figure.setting() + ": " + figure.unit())
                .toList();
    }
}
