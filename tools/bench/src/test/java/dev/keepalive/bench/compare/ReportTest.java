package dev.keepalive.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Tables, plots and JSON show every figure and every failure. */
final class ReportTest {
    private final FigureTable table = new FigureTable(2);

    ReportTest() {
        for (int round = 0; round < 2; round++) {
            for (int endpoints : List.of(1_000, 100_000)) {
                String setting = endpoints + " endpoints, 1 thread";
                table.add(round, new Figure("W4", "keepalive", setting, "ns", 50 + 10 * round));
                table.add(round, new Figure("W4", "keepalive", setting, "B", 56));
                table.add(round, new Figure("W4", "httpcore-strict", setting, "ns", endpoints * 25.0));
            }
        }
        table.add(0, Figure.failed("W4", "reactor-pool", "*", "hung: killed after 60 s"));
    }

    @Test
    void aTableIsSortedByMedianAndShowsRangesAndFailures() {
        String[] lines = TextReport.formatWorkload(table, "W4", "Many <endpoints>")
                .lines()
                .limit(5)
                .toArray(String[]::new);
        assertThat(lines[0]).isEqualTo("W4. Many <endpoints>: 1000 endpoints, 1 thread");
        assertThat(lines[1].split(" {2,}")).containsExactly("contender", "kind", "ns", "B", "x ours");
        assertThat(lines[2].split(" {2,}")).containsExactly("keepalive", "ours", "55.0 (50.0–60.0)", "56.0", "1.00");
        assertThat(lines[3].split(" {2,}")).containsExactly("httpcore-strict", "same job", "25,000", "–", "455");
        assertThat(lines[4].split(" {2,}")).containsExactly("reactor-pool", "same job", "hung: killed after 60 s");
    }

    @Test
    void everyPlotIsWellFormedAndHasATitleForScreenReaders() throws Exception {
        List<PlotRenderer.PlotFile> plots = PlotRenderer.render(table);
        assertThat(plots)
                .extracting(PlotRenderer.PlotFile::name)
                .containsExactly("w4-1000-endpoints-1-thread", "w4-100000-endpoints-1-thread", "w4-growth-endpoints");
        for (PlotRenderer.PlotFile plot : plots) {
            Document document = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(plot.svg())));
            assertThat(document.getDocumentElement().getAttribute("role")).isEqualTo("img");
            assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                    .startsWith("W4: ");
            assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
                    .contains("httpcore-strict");
            assertThat(plot.svg()).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    @Test
    void aLogarithmicScaleGivesEqualRatiosEqualDistances() {
        AxisScale scale = new AxisScale(true, 1, 100, 0, 200);
        assertThat(scale.position(1)).isZero();
        assertThat(scale.position(10)).isEqualTo(100);
        assertThat(scale.position(100)).isEqualTo(200);
    }

    @Test
    void theJsonHasEveryRoundAndEveryFailure() {
        String json = JsonReport.format(
                new HostInfo("java", "17", 2, "Linux"),
                table,
                GoalList.of(List.of("W4")).stream()
                        .map(goal -> goal.judge(table))
                        .toList());
        assertThat(json)
                .contains("\"setting\":\"1000 endpoints, 1 thread\",\"contender\":\"keepalive\",\"kind\":\"ours\","
                        + "\"unit\":\"ns\",\"median\":55.0,\"min\":50.0,\"max\":60.0,\"rounds\":[50.0,60.0]}")
                .contains(
                        "\"contender\":\"reactor-pool\",\"kind\":\"same job\",\"failure\":\"hung: killed after 60 s\"}")
                .contains("\"goal\":\"growth from 1,000 to 100,000 endpoints\",\"ours\":55.0")
                .doesNotContain("NaN");
    }
}
