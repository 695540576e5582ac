package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A horizontal bar chart, smallest value first, each bar with its figure and its range. The scale is logarithmic if the
 * values differ by more than a factor of twenty.
 */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LEFT = 170;
    private static final int RIGHT = 190;
    private static final int TOP = 60;
    private static final int ROW = 26;
    private static final int BAR = 16;
    private static final int TEXT = 13;
    private static final double LINEAR_RATIO = 20;

    private BarChart() {}

    /** Draws the chart. */
    static String draw(String title, List<ChartBar> unsorted) {
        List<ChartBar> bars = unsorted.stream()
                .sorted(Comparator.comparingDouble(bar -> bar.range.median()))
                .toList();
        double least = bars.stream().mapToDouble(bar -> bar.range.min()).min().orElse(1);
        double most = bars.stream().mapToDouble(bar -> bar.range.max()).max().orElse(1);
        boolean logarithmic = least > 0 && most / least > LINEAR_RATIO;
        AxisScale scale =
                new AxisScale(logarithmic, logarithmic ? least / 2 : 0, most > 0 ? most : 1, LEFT, WIDTH - RIGHT);
        int height = TOP + bars.size() * ROW + 10;
        StringBuilder svg = new StringBuilder(SvgWriter.head(
                WIDTH,
                height,
                title,
                "Bars, smallest first" + (logarithmic ? ", on a logarithmic scale" : "") + ". " + describe(bars)));
        svg.append(SvgWriter.text(10, 22, "title", title));
        svg.append(SvgWriter.text(
                10,
                42,
                "note",
                (logarithmic ? "logarithmic scale; " : "") + "lines: minimum and maximum of the rounds"));
        for (int i = 0; i < bars.size(); i++) {
            svg.append(row(bars.get(i), TOP + i * ROW, scale));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String row(ChartBar bar, int y, AxisScale scale) {
        double end = Math.max(LEFT + 1, scale.position(bar.range.median()));
        double far = Math.max(end, scale.position(bar.range.max()));
        int middle = y + BAR / 2;
        return SvgWriter.text(LEFT - 8, y + TEXT, "name", bar.name)
                + String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                        SvgWriter.style(bar.kind),
                        LEFT,
                        y,
                        end - LEFT,
                        BAR)
                + SvgWriter.line("range", Math.max(LEFT, scale.position(bar.range.min())), middle, far, middle)
                + SvgWriter.text(far + 8, y + TEXT, "value", bar.range.toString());
    }

    private static String describe(List<ChartBar> bars) {
        StringBuilder words = new StringBuilder();
        bars.forEach(bar -> words.append(bar.name).append(' ').append(bar.range).append("; "));
        return words.toString();
    }

    /**
     * One bar.
     *
     * @param name the contender
     * @param kind the contender's kind, which decides the colour
     * @param range the median, which is the length of the bar, and the range
     */
    record ChartBar(String name, ContenderKind kind, MedianRange range) {}
}
