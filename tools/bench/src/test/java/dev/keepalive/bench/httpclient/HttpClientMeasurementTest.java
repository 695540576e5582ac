package dev.keepalive.bench.httpclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpClientMeasurementTest {
    @Test
    void requestsAreAnsweredBesideThoseOfTheCodec() {
        assertThat(labels("keepalive", "B, 8"))
                .contains(
                        "h1, 100 B, 8 clients: x raw-codec",
                        "h1, 64 KiB, 8 clients: x raw-codec",
                        "h1, 100 B, 8 threads: us CPU over raw-codec",
                        "h2, 100 B, 8 clients: x raw-codec",
                        "h2, 64 KiB, 8 clients: x raw-codec",
                        "h2, 100 B, 8 threads: B over raw-codec");
    }

    @ParameterizedTest
    @CsvSource({
        "keepalive-on-loop, h1, clients",
        "jdk-http, h2, threads",
        "okhttp, h2, clients",
        "apache-async, h1, threads",
        "jetty-http, h2, clients",
        "reactor-netty-http, h1, clients",
        "raw-codec, h2, clients"
    })
    void eachContenderAnswers(String contender, String protocol, String load) {
        String setting = protocol + ", 100 B, 8 " + load;
        assertThat(labels(contender, setting)).contains(setting + ": x raw-codec");
    }

    private static List<String> labels(String contender, String settings) {
        List<Figure> figures = FigureCapture.of(
                new HttpClientMeasurement(),
                "--contender",
                contender,
                "--quick",
                "--rounds",
                "1",
                "--slice",
                "20",
                "--warm-up",
                "0",
                "--settings",
                settings);
        assertThat(figures).noneMatch(Figure::failed);
        return FigureCapture.labels(figures);
    }

    @Test
    void aColdClientOpensNoMoreConnectionsThanItsLimit() {
        List<Figure> figures = FigureCapture.of(
                new HttpClientMeasurement(), "--contender", "keepalive", "--settings", "h1, cold", "--cold", "1");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("connections"))
                .singleElement()
                .satisfies(figure -> assertThat(figure.value()).isBetween(1.0, 128.0));
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("failed"))
                .singleElement()
                .satisfies(figure -> assertThat(figure.value()).isZero());
    }

    @Test
    void anUnknownContenderBecomesAFailedFigure() {
        assertThat(FigureCapture.of(new HttpClientMeasurement(), "--contender", "unknown"))
                .singleElement()
                .satisfies(figure -> assertThat(figure.unit()).startsWith("contender 'unknown' is not known: one of"));
    }
}
