package dev.keepalive.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StormMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "netty-on-loop"})
    void allWaitersAreServedWithinTheLimit(String contender) {
        List<Figure> figures = FigureCapture.of(
                new StormMeasurement(), "--contender", contender, "--rounds", "1", "--limit", "8", "--waiting", "20");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(FigureCapture.labels(figures)).contains("storm: x bound", "cold start: x bound");
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("most open"))
                .hasSize(2)
                .allMatch(figure -> figure.value() == 8);
    }

    @Test
    void theBoundIsTheLeastTimeForAllWaiters() {
        // Two connections, accepted at 1 and 2, serve a waiter every 10 each: at 11, 12, 21, 22.
        assertThat(new LowerBound(1, 2, 1, 10).time()).isCloseTo(11, within(1e-6));
        assertThat(new LowerBound(2, 2, 1, 10).time()).isCloseTo(12, within(1e-6));
        assertThat(new LowerBound(3, 2, 1, 10).time()).isCloseTo(21, within(1e-6));
        assertThat(new LowerBound(4, 2, 1, 10).time()).isCloseTo(22, within(1e-6));
    }
}
