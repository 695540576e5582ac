package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FetchStatisticsTest {
    @Test
    void theNumberOfKindsOfFailureIsLimited() {
        FetchStatistics statistics = new FetchStatistics();
        for (int i = 0; i < 1000; i++) {
            statistics.failed(null, new IOException("at 10:00:" + i), 1_000_000);
        }

        assertThat(statistics.failures()).hasSize(21).containsEntry("other errors", 980L);
        assertThat(statistics.examples()).hasSize(21);
        assertThat(statistics.failed()).isEqualTo(1000);
        assertThat(statistics.done()).isEqualTo(1000);
    }

    @Test
    void requestsAfterTheEndAreNotCounted() {
        FetchStatistics statistics = new FetchStatistics();
        statistics.answered(null, 200, 5, 1000);
        statistics.end();
        statistics.answered(null, 404, 5, 1000);
        statistics.failed(null, new IOException("late"), 1000);
        statistics.retried(null);

        assertThat(statistics.done()).isEqualTo(1);
        assertThat(statistics.bytes()).isEqualTo(5);
        assertThat(statistics.statuses()).containsOnlyKeys("status 2xx");
        assertThat(statistics.failures()).isEmpty();
        assertThat(statistics.retries()).isZero();
    }
}
