package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Locale;

/** Writes the SVG elements of the plots. */
final class SvgWriter {
    private static final String STYLE = "<style>"
            + "text{font:13px sans-serif;fill:#1a1a1a}"
            + ".title{font-weight:bold;font-size:15px}"
            + ".note{fill:#555;font-size:12px}"
            + ".name{text-anchor:end}.tick{font-size:11px;fill:#555;text-anchor:middle}"
            + ".left{font-size:11px;fill:#555;text-anchor:end}"
            + ".ours{fill:#0b6e4f;stroke:#0b6e4f}.same{fill:#c4572b;stroke:#c4572b}.other{fill:#6f7fa8;stroke:#6f7fa8}"
            + ".floor{fill:#b8b8b8;stroke:#8a8a8a}.range{stroke:#1a1a1a;stroke-width:1.5}.grid{stroke:#ddd}"
            + "polyline{fill:none !important;stroke-width:2}"
            + "</style>\n";

    private SvgWriter() {}

    /** The beginning of a plot: its size, and its title and description for screen readers. */
    static String head(int width, int height, String title, String description) {
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" "
                                + "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">%n",
                        width,
                        height,
                        width,
                        height)
                + "<title id=\"title\">" + escaped(title) + "</title>\n<desc id=\"desc\">" + escaped(description)
                + "</desc>\n" + STYLE + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    }

    static String text(double x, double y, String style, String text) {
        return String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", style, x, y, escaped(text));
    }

    static String line(String style, double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2);
    }

    /** The style class of a kind. */
    static String style(ContenderKind kind) {
        return switch (kind) {
            case OURS -> "ours";
            case SAME_JOB -> "same";
            case OTHER -> "other";
            case FLOOR -> "floor";
        };
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
