package dev.keepalive.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Tables and plots show all that was measured, and what was not. */
final class ReportTest {
    private final Results results = new Results(2);

    ReportTest() {
        for (int round = 0; round < 2; round++) {
            for (int endpoints : List.of(1_000, 100_000)) {
                String setting = endpoints + " endpoints, 1 thread";
                results.add(round, new Figure("W4", "keepalive", setting, "ns", 50 + 10 * round));
                results.add(round, new Figure("W4", "keepalive", setting, "B", 56));
                results.add(round, new Figure("W4", "httpcore-strict", setting, "ns", endpoints * 25.0));
            }
        }
        results.add(0, Figure.failed("W4", "reactor-pool", "*", "hung: killed after 60 s"));
    }

    @Test
    void aTableHasTheLeastFirstItsSpreadAndWhatFailed() {
        String[] lines =
                Tables.of(results, "W4", "Many <endpoints>").lines().limit(5).toArray(String[]::new);
        assertThat(lines[0]).isEqualTo("W4. Many <endpoints>: 1000 endpoints, 1 thread");
        assertThat(lines[1].split(" {2,}")).containsExactly("contender", "kind", "ns", "B", "x ours");
        assertThat(lines[2].split(" {2,}")).containsExactly("keepalive", "ours", "55.0 (50.0–60.0)", "56.0", "1.00");
        assertThat(lines[3].split(" {2,}")).containsExactly("httpcore-strict", "same job", "25,000", "–", "455");
        assertThat(lines[4].split(" {2,}")).containsExactly("reactor-pool", "same job", "hung: killed after 60 s");
    }

    @Test
    void everyPlotIsWellFormedAndHasATitleForThoseWhoCannotSeeIt() throws Exception {
        List<Plots.Plot> plots = Plots.of(results);
        assertThat(plots)
                .extracting(Plots.Plot::name)
                .containsExactly("w4-1000-endpoints-1-thread", "w4-100000-endpoints-1-thread", "w4-growth-endpoints");
        for (Plots.Plot plot : plots) {
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
    void aLogarithmicScaleGivesEqualRatiosEqualRoom() {
        Scale scale = new Scale(true, 1, 100, 0, 200);
        assertThat(scale.at(1)).isZero();
        assertThat(scale.at(10)).isEqualTo(100);
        assertThat(scale.at(100)).isEqualTo(200);
    }

    @Test
    void theJsonHasEachRoundAndWhatFailed() {
        String json = Json.of(
                new Machine("java", "17", 2, "Linux"),
                results,
                Goals.of(List.of("W4")).stream().map(goal -> goal.on(results)).toList());
        assertThat(json)
                .contains("\"setting\":\"1000 endpoints, 1 thread\",\"contender\":\"keepalive\",\"kind\":\"ours\","
                        + "\"unit\":\"ns\",\"median\":55.0,\"min\":50.0,\"max\":60.0,\"rounds\":[50.0,60.0]}")
                .contains(
                        "\"contender\":\"reactor-pool\",\"kind\":\"same job\",\"failure\":\"hung: killed after 60 s\"}")
                .contains("\"goal\":\"growth from 1,000 to 100,000 endpoints\",\"ours\":55.0")
                .doesNotContain("NaN");
    }
}
