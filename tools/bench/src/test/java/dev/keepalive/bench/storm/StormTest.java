package dev.keepalive.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.Figures;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StormTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "netty-on-loop"})
    void allWhoWaitAreServedWithinTheLimit(String contender) {
        List<Figure> figures = Figures.of(
                Storm.program(), "--contender", contender, "--rounds", "1", "--limit", "8", "--waiting", "20");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(Figures.named(figures)).contains("storm: x bound", "cold start: x bound");
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("most open"))
                .hasSize(2)
                .allMatch(figure -> figure.value() == 8);
    }

    @Test
    void theBoundIsWhatNoPoolCanBeat() {
        // Two connections, of use from 1 and 2 on, each serves one per 10: at 11, 12, 21, 22.
        assertThat(new Bound(1, 2, 1, 10).time()).isCloseTo(11, within(1e-6));
        assertThat(new Bound(2, 2, 1, 10).time()).isCloseTo(12, within(1e-6));
        assertThat(new Bound(3, 2, 1, 10).time()).isCloseTo(21, within(1e-6));
        assertThat(new Bound(4, 2, 1, 10).time()).isCloseTo(22, within(1e-6));
    }
}
