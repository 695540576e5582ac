package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/** A line chart of time over a count, on logarithmic scales: one line per contender, labelled at its right end. */
final class GrowthChart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 440;
    private static final int LEFT = 80;
    private static final int RIGHT = 570;
    private static final int TOP = 60;
    private static final int BOTTOM = 390;
    private static final int APART = 15;
    private static final int DECADE = 10;

    private GrowthChart() {}

    /** Draws the chart. */
    static String draw(String title, String axis, List<ChartCurve> curves) {
        AxisScale across = new AxisScale(
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
        AxisScale up = new AxisScale(true, least(curves), most(curves), BOTTOM, TOP);
        StringBuilder svg = new StringBuilder(SvgWriter.head(WIDTH, HEIGHT, title, describe(curves)));
        svg.append(SvgWriter.text(10, 22, "title", title));
        svg.append(SvgWriter.text(10, 42, "note", "nanoseconds, both scales logarithmic; flat is good"));
        for (double value = up.least(); value <= up.most(); value *= DECADE) {
            svg.append(SvgWriter.line("grid", LEFT, up.position(value), RIGHT, up.position(value)));
            svg.append(SvgWriter.text(LEFT - 8, up.position(value) + 4, "left", FigureFormat.format(value)));
        }
        for (double value = across.least(); value <= across.most(); value *= DECADE) {
            svg.append(SvgWriter.line("grid", across.position(value), TOP, across.position(value), BOTTOM));
            svg.append(SvgWriter.text(across.position(value), BOTTOM + 18, "tick", FigureFormat.format(value)));
        }
        svg.append(SvgWriter.text((LEFT + RIGHT) / 2.0, BOTTOM + 38, "tick", axis));
        append(svg, curves, across, up);
        return svg.append("</svg>\n").toString();
    }

    /** Draws the lines, highest first. A label that would cover the one above it moves down. */
    private static void append(StringBuilder svg, List<ChartCurve> curves, AxisScale across, AxisScale up) {
        double free = 0;
        for (ChartCurve curve : curves.stream()
                .sorted(Comparator.comparingDouble(curve -> -curve.last()))
                .toList()) {
            StringBuilder points = new StringBuilder();
            curve.points.forEach((count, nanos) -> points.append(
                    String.format(Locale.ROOT, "%.1f,%.1f ", across.position(count), up.position(nanos))));
            svg.append(String.format(
                    Locale.ROOT,
                    "<polyline class=\"%s\" points=\"%s\"/>%n",
                    SvgWriter.style(curve.kind),
                    points.toString().strip()));
            double end = up.position(curve.last());
            double label = Math.max(end, free);
            free = label + APART;
            svg.append(SvgWriter.line(
                    SvgWriter.style(curve.kind), across.position(curve.points.lastKey()), end, RIGHT + 12, label));
            svg.append(SvgWriter.text(RIGHT + 16, label + 4, "", curve.name + " " + FigureFormat.format(curve.last())));
        }
    }

    /** The greatest power of ten that is not above any value. */
    private static double least(List<ChartCurve> curves) {
        double least = curves.stream()
                .flatMap(curve -> curve.points.values().stream())
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(1);
        return Math.pow(DECADE, Math.floor(Math.log10(Math.max(least, 1))));
    }

    /** The least power of ten above all values. */
    private static double most(List<ChartCurve> curves) {
        double most = curves.stream()
                .flatMap(curve -> curve.points.values().stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        return Math.pow(DECADE, Math.floor(Math.log10(Math.max(most, 1))) + 1);
    }

    private static String describe(List<ChartCurve> curves) {
        StringBuilder words = new StringBuilder("Lines. ");
        for (ChartCurve curve : curves) {
            words.append(curve.name).append(':');
            curve.points.forEach((count, nanos) -> words.append(' ')
                    .append(FigureFormat.format(nanos))
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
     * @param name the contender
     * @param kind the contender's kind, which decides the colour
     * @param points the nanoseconds by count; at least one
     */
    record ChartCurve(String name, ContenderKind kind, SortedMap<Long, Double> points) {
        double last() {
            return points.getOrDefault(points.lastKey(), Double.NaN);
        }
    }
}
