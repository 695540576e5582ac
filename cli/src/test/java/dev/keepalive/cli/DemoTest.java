package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DemoTest {
    private final StringWriter printed = new StringWriter();
    private final StepLog log = new StepLog(new PrintWriter(printed), TimeSource.system());

    @Test
    void demoShowsEachOriginAndTheExpiryAndEndsWithZero() {
        CliRun demo = CliRun.run("demo");

        assertThat(demo.status()).as(demo.out()).isZero();
        assertThat(demo.out().lines().filter(line -> line.contains("  ok  ")))
                .hasSize(11)
                .anyMatch(line -> line.contains("First lease") && line.endsWith("origin: NEW"))
                .anyMatch(line -> line.endsWith("\"first\", received: hello first"))
                .anyMatch(line -> line.contains("Second lease") && line.endsWith("origin: IMMEDIATE"))
                .anyMatch(line -> line.contains("Third lease") && line.endsWith("origin: DEFERRED"))
                .anyMatch(line -> line.endsWith("IDLE_TIMEOUT"))
                .anyMatch(line -> line.endsWith("The server saw its end: true"))
                .anyMatch(line -> line.endsWith("ever accepted: 1"));
        assertThat(demo.out()).doesNotContain("FAILED").contains("All 11 checks hold.");
        assertThat(demo.err()).isEmpty();
    }

    @Test
    void demoFailsWhenASecondConnectionIsOpened() throws Exception {
        assertThat(new ConnectionDemo(log, 2, Duration.ofMillis(100)).run()).isFalse();
        // Either connection may serve the third lease; in any case there are two.
        assertThat(printed.toString())
                .contains("FAILED  Connections that the server ever accepted: expected 1, saw 2")
                .contains("checks FAILED");
    }

    @Test
    void demoThatBreaksOffHasFailed() {
        log.check("one", 1, 1);
        log.broken(new IllegalStateException("no server"));

        assertThat(log.end()).isFalse();
        assertThat(printed.toString()).contains("ok      one: 1").contains("FAILED  The demo ends here: no server");
    }

    @Test
    void demoWhoseChecksAllHoldHasNotFailed() {
        log.check("one", 1, 1);

        assertThat(log.end()).isTrue();
    }
}
