package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/** A chart of growth: time over a count, both logarithmic, a line per contender with its name at its end. Flat is good. */
final class Curves {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 440;
    private static final int LEFT = 80;
    private static final int RIGHT = 570;
    private static final int TOP = 60;
    private static final int BOTTOM = 390;
    private static final int APART = 15;
    private static final int DECADE = 10;

    private Curves() {}

    /** The chart. */
    static String svg(String title, String axis, List<Curve> curves) {
        Scale across = new Scale(
                true,
                curves.stream()
                        .mapToDouble(curve -> curve.points.firstKey())
                        .min()
                        .orElse(1),
                curves.stream()
                        .mapToDouble(curve -> curve.points.lastKey())
                        .max()
                        .orElse(1),
                LEFT,
                RIGHT);
        Scale up = new Scale(true, least(curves), most(curves), BOTTOM, TOP);
        StringBuilder svg = new StringBuilder(Svg.head(WIDTH, HEIGHT, title, inWords(curves)));
        svg.append(Svg.text(10, 22, "title", title));
        svg.append(Svg.text(10, 42, "note", "nanoseconds, both scales logarithmic; flat is good"));
        for (double value = up.least(); value <= up.most(); value *= DECADE) {
            svg.append(Svg.line("grid", LEFT, up.at(value), RIGHT, up.at(value)));
            svg.append(Svg.text(LEFT - 8, up.at(value) + 4, "left", Numbers.shortly(value)));
        }
        for (double value = across.least(); value <= across.most(); value *= DECADE) {
            svg.append(Svg.line("grid", across.at(value), TOP, across.at(value), BOTTOM));
            svg.append(Svg.text(across.at(value), BOTTOM + 18, "tick", Numbers.shortly(value)));
        }
        svg.append(Svg.text((LEFT + RIGHT) / 2.0, BOTTOM + 38, "tick", axis));
        append(svg, curves, across, up);
        return svg.append("</svg>\n").toString();
    }

    /** The lines, the highest first, their names pushed down where two would lie on each other. */
    private static void append(StringBuilder svg, List<Curve> curves, Scale across, Scale up) {
        double free = 0;
        for (Curve curve : curves.stream()
                .sorted(Comparator.comparingDouble(curve -> -curve.last()))
                .toList()) {
            StringBuilder points = new StringBuilder();
            curve.points.forEach((count, nanos) ->
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", across.at(count), up.at(nanos))));
            svg.append(String.format(
                    Locale.ROOT,
                    "<polyline class=\"%s\" points=\"%s\"/>%n",
                    Svg.style(curve.kind),
                    points.toString().strip()));
            double end = up.at(curve.last());
            double label = Math.max(end, free);
            free = label + APART;
            svg.append(Svg.line(Svg.style(curve.kind), across.at(curve.points.lastKey()), end, RIGHT + 12, label));
            svg.append(Svg.text(RIGHT + 16, label + 4, "", curve.name + " " + Numbers.shortly(curve.last())));
        }
    }

    /** The power of ten below all. */
    private static double least(List<Curve> curves) {
        double least = curves.stream()
                .flatMap(curve -> curve.points.values().stream())
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(1);
        return Math.pow(DECADE, Math.floor(Math.log10(Math.max(least, 1))));
    }

    /** The power of ten above all. */
    private static double most(List<Curve> curves) {
        double most = curves.stream()
                .flatMap(curve -> curve.points.values().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        return Math.pow(DECADE, Math.floor(Math.log10(Math.max(most, 1))) + 1);
    }

    private static String inWords(List<Curve> curves) {
        StringBuilder words = new StringBuilder("Lines. ");
        for (Curve curve : curves) {
            words.append(curve.name).append(':');
            curve.points.forEach((count, nanos) -> words.append(' ')
                    .append(Numbers.shortly(nanos))
                    .append(" ns at ")
                    .append(count)
                    .append(','));
            words.setCharAt(words.length() - 1, ';');
            words.append(' ');
        }
        return words.toString();
    }

    /**
     * One line.
     *
     * @param name whose
     * @param kind decides its colour
     * @param points the time by count; at least one
     */
    record Curve(String name, Kind kind, SortedMap<Long, Double> points) {
        double last() {
            return points.getOrDefault(points.lastKey(), Double.NaN);
        }
    }
}
