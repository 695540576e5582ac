package dev.keepalive.bench.handoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandoffMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive-blocking", "httpcore-strict"})
    void theConnectionIsHandedBackAndForth(String contender) {
        List<Figure> figures = FigureCapture.of(
                new HandoffMeasurement(),
                "--contender",
                contender,
                "--rounds",
                "1",
                "--handoffs",
                "50",
                "--contended",
                "100");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(FigureCapture.labels(figures))
                .contains(
                        "to a parked thread: us p50",
                        "to a parked thread: x park p50",
                        "without a pause: us longest wait");
        assertThat(figures)
                .filteredOn(figure -> figure.unit().equals("hand-overs"))
                .allMatch(figure -> figure.value() == 100);
    }

    @Test
    void everyHandoffIsRecorded() throws Exception {
        Histogram latencies = new Histogram(3);

        new ParkedHandoff(new HandoffToken.ParkToken(), 50, latencies).run();

        assertThat(latencies.getTotalCount()).isEqualTo(50);
    }

    @Test
    void aRunWithoutHandoffsIsStopped() {
        HandoffToken neverTaken = new HandoffToken() {
            @Override
            public void take(int runner) throws InterruptedException {
                new CountDownLatch(1).await();
            }

            @Override
            public void pass(int runner) {}
        };

        assertThatThrownBy(() -> new ContendedHandoff(neverTaken, 10, 1).run(TimeUnit.MILLISECONDS.toNanos(50)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("hung after 0 handoffs");
    }
}
