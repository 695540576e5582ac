package dev.keepalive.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Lincheck's scenarios. How many there are, and how often each is executed, is told by system properties; without them
 * it is a sample that takes some seconds.
 */
class LincheckTest {
    private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios", 12);
    private static final int EXECUTIONS = Integer.getInteger("lincheck.executions.each", 100);
    private static final long SEED = Long.getLong("lincheck.seed", 0);

    private static final Logger LOG = Logger.getLogger("dev.keepalive");

    /** What loads many classes of the JDK for the first time is better done before Lincheck watches. */
    @BeforeAll
    static void everythingIsLoaded() {
        // Of what is odd, and meant to be.
        LOG.setLevel(Level.OFF);
        Decisions decisions = new Decisions();
        decisions.acquire(0, 0, true);
        decisions.begin();
        decisions.tick();
        decisions.acquire(1, 1, false);
        decisions.closeManager();
        assertThat(decisions.outcome()).startsWith("TimedOut Closed null").endsWith(Rig.CONSERVED);
    }

    @Test
    void callsOfSeveralThreadsDecideAsIfTheyWereMadeOneAfterTheOther() {
        check("decisions", new StressOptions(), SCENARIOS, EXECUTIONS, Decisions.class, Scenarios::ofDecisions);
    }

    @Test
    void nothingIsLostWhateverSeveralThreadsDo() {
        check("losses", new StressOptions(), SCENARIOS, EXECUTIONS, Losses.class, Scenarios::ofLosses);
    }

    static <O extends Options<O, ?>> void check(
            String name,
            O options,
            int scenarios,
            int executions,
            Class<?> calls,
            Function<Long, ExecutionScenario> scenario) {
        options.iterations(0).invocationsPerIteration(executions).minimizeFailedScenario(false);
        for (int i = 0; i < scenarios; i++) {
            options.addCustomScenario(scenario.apply(SEED + i));
        }
        Figures.of(name, scenarios, () -> options.check(calls));
    }
}
