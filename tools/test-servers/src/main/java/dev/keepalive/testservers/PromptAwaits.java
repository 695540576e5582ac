package dev.keepalive.testservers;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes Awaitility look whether a condition holds after a hundredth of a second, and then ever less often: every tenth
 * of a second at last. By itself it looks every tenth of a second only, and most tests wait for something shorter.
 * JUnit applies this extension to every test that has this module on its class path.
 */
public final class PromptAwaits implements BeforeAllCallback {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(FIRST);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(PromptAwaits::longer, FIRST));
    }

    private static Duration longer(Duration interval) {
        Duration twice = interval.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
}
