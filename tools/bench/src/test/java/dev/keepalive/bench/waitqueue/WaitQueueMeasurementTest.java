package dev.keepalive.bench.waitqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitQueueMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "httpcore-strict"})
    void everyFigureOfAWaitQueueIsMeasured(String contender) {
        List<Figure> figures = FigureCapture.of(
                new WaitQueueMeasurement(),
                "--contender",
                contender,
                "--rounds",
                "1",
                "--most",
                "100",
                "--cycles",
                "10",
                "--warm-up",
                "20");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(FigureCapture.labels(figures))
                .contains(
                        "100 waiters: ns",
                        "100 waiters: x of 100",
                        "100 waiters with timeout: ns",
                        "memory: B per waiter",
                        "100 waiters: ns to withdraw",
                        "withdrawn: B left",
                        "withdrawn: us until the next is served");
    }
}
