package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.spi.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DemoTest {
    private final StringWriter told = new StringWriter();
    private final Story story = new Story(new PrintWriter(told), TimeSource.system());

    @Test
    void demoShowsEachOriginAndTheExpiryAndEndsWithZero() {
        Cli demo = Cli.run("demo");

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
        assertThat(new Demo(story, 2, Duration.ofMillis(100)).tell()).isFalse();
        // Which of the two connections serves the third lease is a race; that there are two is not.
        assertThat(told.toString())
                .contains("FAILED  Connections that the server ever accepted: expected 1, saw 2")
                .contains("checks FAILED");
    }

    @Test
    void storyThatBreaksOffHasFailed() {
        story.check("one", 1, 1);
        story.broken(new IllegalStateException("no server"));

        assertThat(story.end()).isFalse();
        assertThat(told.toString()).contains("ok      one: 1").contains("FAILED  The story ends here: no server");
    }

    @Test
    void storyWhoseChecksAllHoldHasNotFailed() {
        story.check("one", 1, 1);

        assertThat(story.end()).isTrue();
    }
}
