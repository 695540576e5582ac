package dev.keepalive.testservers.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs classes of tests within, and looks at what they leave on the standard output. */
class ShowLogOfFailedTestsTest {
    private String printed = "";

    static class Passes {
        @Test
        void passes() {
            System.out.println("printed");
            Logger.getLogger("any").log(Level.WARNING, "logged", new IllegalStateException("on purpose"));
        }

        @Test
        void isSkipped() {
            System.err.println("printed");
            Assumptions.abort("on purpose");
        }
    }

    @Test
    void ofTestsThatPassOrAreSkippedNothingIsShown() {
        TestExecutionSummary summary = run(Passes.class);

        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
        assertThat(summary.getTestsAbortedCount()).isEqualTo(1);
        assertThat(printed).isEmpty();
    }

    static class Fails {
        @Test
        void fails() {
            System.out.println("to out");
            System.err.println("to err");
            System.getLogger("any").log(System.Logger.Level.WARNING, "logged", new IllegalStateException("its cause"));
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void ofATestThatFailsAllIsShownInOneSequence() {
        TestExecutionSummary summary = run(Fails.class);

        assertThat(summary.getTestsFailedCount()).isEqualTo(1);
        assertThat(printed)
                .containsSubsequence(
                        "Fails.fails() failed", "to out\n", "to err\n", "logged\n", "its cause", "end of what");
    }

    static class FailsBefore {
        @BeforeAll
        static void fail() {
            System.out.println("before all");
            throw new AssertionError("on purpose");
        }

        @Test
        void neverRuns() {}
    }

    @Test
    void ofASetUpThatFailsAllIsShown() {
        run(FailsBefore.class);

        assertThat(printed).contains("FailsBefore failed").contains("before all");
    }

    static class NettyLeaks {
        @Test
        void leaks() {
            Logger netty = Logger.getLogger("io.netty");
            netty.setLevel(Level.OFF);
            Logger.getLogger(dev.keepalive.testservers.logs.NettyLeaks.LOGGER).severe("LEAK: a buffer");
            netty.setLevel(null);
        }
    }

    @Test
    void aTestThatPassesFailsIfABufferLeaks() {
        TestExecutionSummary summary = run(NettyLeaks.class);

        assertThat(summary.getFailures()).singleElement().satisfies(failure -> assertThat(failure.getException())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("LEAK: a buffer"));
        assertThat(printed).contains("NettyLeaks.leaks() failed").contains("LEAK: a buffer");
    }

    private TestExecutionSummary run(Class<?> tests) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(tests))
                                    .build(),
                            listener);
            return listener.getSummary();
        } finally {
            System.setOut(before);
            printed = out.toString(StandardCharsets.UTF_8);
        }
    }
}
