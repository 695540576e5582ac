package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testkit.FakeTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    @Test
    void barGrowsWithWhatIsDone() {
        assertThat(ProgressBar.bar(0, 10)).isEqualTo("[" + " ".repeat(40) + "]   0 %  0 of 10");
        assertThat(ProgressBar.bar(5, 10)).isEqualTo("[" + "#".repeat(20) + " ".repeat(20) + "]  50 %  5 of 10");
        assertThat(ProgressBar.bar(10, 10)).isEqualTo("[" + "#".repeat(40) + "] 100 %  10 of 10");
    }

    @Test
    void barIsDrawnFiveTimesPerSecondAndRemovedAtTheEnd() {
        FakeTime time = new FakeTime();
        StringWriter terminal = new StringWriter();
        try (ProgressBar bar = new ProgressBar(new PrintWriter(terminal), 10, () -> 5, time)) {
            time.advance(Duration.ofSeconds(1));
            assertThat(terminal.toString().split("\r\\[")).hasSize(1 + 5);
        }
        assertThat(terminal.toString()).endsWith(" \r");
        assertThat(time.alarmsSet()).isZero();
    }
}
