package dev.keepalive.bench.line;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.Figures;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitersTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "httpcore-strict"})
    void allWhoWaitAreServedOrWithdrawn(String contender) {
        List<Figure> figures = Figures.of(
                Waiters.program(), "--contender", contender, "--rounds", "1", "--most", "100", "--cycles", "10");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(Figures.named(figures))
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
