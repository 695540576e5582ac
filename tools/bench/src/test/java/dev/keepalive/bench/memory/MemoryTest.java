package dev.keepalive.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.Figures;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "httpcore-strict"})
    void connectionsAndEndpointsAreWeighed(String contender) {
        List<Figure> figures = Figures.of(Memory.program(), "--contender", contender, "--endpoints", "20");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(Figures.named(figures)).contains("idle connection: B", "endpoint: B");
    }
}
