package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A horizontal bar chart: the least first, each with its figure and its spread; logarithmic if the greatest would leave the least no room. */
final class Bars {
    private static final int WIDTH = 760;
    private static final int LEFT = 170;
    private static final int RIGHT = 190;
    private static final int TOP = 60;
    private static final int ROW = 26;
    private static final int BAR = 16;
    private static final int TEXT = 13;
    private static final double WIDE = 20;

    private Bars() {}

    /** The chart. */
    static String svg(String title, List<Bar> unsorted) {
        List<Bar> bars = unsorted.stream()
                .sorted(Comparator.comparingDouble(bar -> bar.spread.median()))
                .toList();
        double least = bars.stream().mapToDouble(bar -> bar.spread.min()).min().orElse(1);
        double most = bars.stream().mapToDouble(bar -> bar.spread.max()).max().orElse(1);
        boolean logarithmic = least > 0 && most / least > WIDE;
        Scale scale = new Scale(logarithmic, logarithmic ? least / 2 : 0, most > 0 ? most : 1, LEFT, WIDTH - RIGHT);
        int height = TOP + bars.size() * ROW + 10;
        StringBuilder svg = new StringBuilder(Svg.head(
                WIDTH,
                height,
                title,
                "Bars, the least first" + (logarithmic ? ", on a logarithmic scale" : "") + ". " + inWords(bars)));
        svg.append(Svg.text(10, 22, "title", title));
        svg.append(Svg.text(
                10, 42, "note", (logarithmic ? "logarithmic scale; " : "") + "lines: least and most of the rounds"));
        for (int i = 0; i < bars.size(); i++) {
            svg.append(row(bars.get(i), TOP + i * ROW, scale));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String row(Bar bar, int y, Scale scale) {
        double end = Math.max(LEFT + 1, scale.at(bar.spread.median()));
        double far = Math.max(end, scale.at(bar.spread.max()));
        int middle = y + BAR / 2;
        return Svg.text(LEFT - 8, y + TEXT, "name", bar.name)
                + String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                        Svg.style(bar.kind),
                        LEFT,
                        y,
                        end - LEFT,
                        BAR)
                + Svg.line("range", Math.max(LEFT, scale.at(bar.spread.min())), middle, far, middle)
                + Svg.text(far + 8, y + TEXT, "value", bar.spread.toString());
    }

    private static String inWords(List<Bar> bars) {
        StringBuilder words = new StringBuilder();
        bars.forEach(
                bar -> words.append(bar.name).append(' ').append(bar.spread).append("; "));
        return words.toString();
    }

    /**
     * One bar.
     *
     * @param name whose
     * @param kind decides its colour
     * @param spread how long it is
     */
    record Bar(String name, Kind kind, Spread spread) {}
}
