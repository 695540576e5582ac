package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import org.junit.jupiter.api.Test;

class FetchStatisticsTest {
    @Test
    void theNumberOfKindsOfFailureIsLimited() {
        FetchStatistics statistics = new FetchStatistics();
        for (int i = 0; i < 1000; i++) {
            statistics.failed(new IOException("at 10:00:" + i), 1_000_000);
        }

        assertThat(statistics.failures()).hasSize(21).containsEntry("other errors", 980L);
        assertThat(statistics.examples()).hasSize(21);
        assertThat(statistics.failed()).isEqualTo(1000);
        assertThat(statistics.done()).isEqualTo(1000);
    }

    @Test
    void requestsAfterTheEndAreNotCounted() {
        FetchStatistics statistics = new FetchStatistics();
        statistics.answered(Version.HTTP_2, 200, 5, 1000);
        statistics.end();
        statistics.answered(Version.HTTP_2, 404, 5, 1000);
        statistics.failed(new IOException("late"), 1000);
        statistics.retried(1);
        statistics.leased(LeaseOrigin.NEW, Timings.ofWait(5));

        assertThat(statistics.done()).isEqualTo(1);
        assertThat(statistics.bytes()).isEqualTo(5);
        assertThat(statistics.statuses()).containsOnlyKeys("status 2xx");
        assertThat(statistics.failures()).isEmpty();
        assertThat(statistics.retries()).isZero();
        assertThat(statistics.waiting().getTotalCount()).isZero();
        assertThat(statistics.overHttp2()).isEqualTo(1);
    }
}
