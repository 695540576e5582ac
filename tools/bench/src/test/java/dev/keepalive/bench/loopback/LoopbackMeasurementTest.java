package dev.keepalive.bench.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import dev.keepalive.bench.Measurement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "netty-on-loop"})
    void requestsAreAnsweredOnBorrowedConnections(String contender) {
        List<Figure> figures = measured(new LoopbackMeasurement(), contender);

        assertThat(figures).allMatch(figure -> figure.workload().equals("W7"));
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("requests/s"))
                .extracting(Figure::setting)
                .contains(
                        "1 client",
                        "8 clients",
                        "64 clients",
                        "64 clients on 8",
                        "8 clients, TLS",
                        "8 platform threads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "netty-on-loop"})
    void httpRequestsAreAnsweredOnBorrowedConnections(String contender) {
        assertThat(FigureCapture.labels(measured(new HttpMeasurement(), contender)))
                .contains("8 clients: x raw", "8 clients: us loop over raw", "8 clients: B over raw");
    }

    private static List<Figure> measured(Measurement workload, String contender) {
        List<Figure> figures = FigureCapture.of(
                workload, "--contender", contender, "--rounds", "1", "--slice", "20", "--warm-up", "0", "--quick");
        assertThat(figures).noneMatch(Figure::failed);
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("requests/s"))
                .allMatch(figure -> figure.value() > 0);
        return figures;
    }

    @Test
    void anUnknownContenderBecomesAFailedFigure() {
        List<Figure> figures = FigureCapture.of(new LoopbackMeasurement(), "--contender", "unknown");

        assertThat(figures).hasSize(1).allMatch(Figure::failed);
        assertThat(figures.get(0).unit()).contains("'unknown' is not known");
    }
}
