package dev.keepalive.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A figure is the same after printing and parsing. */
final class FigureTest {
    @Test
    void aFigureIsParsedAsItWasPrinted() {
        Figure figure = new Figure("W1", "lock", "1 endpoint, \"quoted\" \\ thread", "ns", 12.5e-3);
        assertThat(Figure.parse(figure.line())).contains(figure);
    }

    @Test
    void aFailureIsParsedAsItWasPrinted() {
        Figure failure = Figure.failed("W3", "jetty", "*", "hung");
        assertThat(Figure.parse(failure.line())).contains(failure);
        assertThat(failure.failed()).isTrue();
        assertThat(failure.line()).endsWith("\"unit\":\"hung\",\"value\":null}");
    }

    @Test
    void anInfiniteValueIsAFailure() {
        Figure figure = new Figure("W1", "lock", "one", "ns", Double.POSITIVE_INFINITY);
        assertThat(Figure.parse(figure.line()).orElseThrow().failed()).isTrue();
    }

    @Test
    void anyOtherLineIsNotAFigure() {
        assertThat(Figure.parse("# Warmup Iteration 1: 12.5 ns/op")).isEmpty();
        assertThat(Figure.parse("")).isEmpty();
        assertThat(Figure.parse("{\"workload\":\"W1\"}")).isEmpty();
    }
}
