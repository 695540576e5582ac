package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void endlesslyManyKindsOfFailureTakeNoEndlessMemory() {
        Tally tally = new Tally();
        for (int i = 0; i < 1000; i++) {
            tally.failed(null, new IOException("at 10:00:" + i), 1_000_000);
        }

        assertThat(tally.failures()).hasSize(21).containsEntry("other errors", 980L);
        assertThat(tally.examples()).hasSize(21);
        assertThat(tally.failed()).isEqualTo(1000);
        assertThat(tally.done()).isEqualTo(1000);
    }

    @Test
    void whatHappensAfterTheEndIsNotCounted() {
        Tally tally = new Tally();
        tally.answered(null, 200, 5, 1000);
        tally.end();
        tally.answered(null, 404, 5, 1000);
        tally.failed(null, new IOException("late"), 1000);
        tally.retried(null);

        assertThat(tally.done()).isEqualTo(1);
        assertThat(tally.bytes()).isEqualTo(5);
        assertThat(tally.statuses()).containsOnlyKeys("status 2xx");
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.retries()).isZero();
    }
}
