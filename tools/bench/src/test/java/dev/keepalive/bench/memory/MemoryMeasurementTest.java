package dev.keepalive.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "httpcore-strict"})
    void connectionsAndEndpointsAreMeasured(String contender) {
        List<Figure> figures = FigureCapture.of(new MemoryMeasurement(), "--contender", contender, "--endpoints", "20");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(FigureCapture.labels(figures)).contains("idle connection: B", "endpoint: B");
    }
}
