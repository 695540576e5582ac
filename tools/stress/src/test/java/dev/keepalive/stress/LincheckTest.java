package dev.keepalive.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the Lincheck scenarios. System properties set how many there are and how often each is executed; by default they
 * are a sample of some seconds. Long runs may take long.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class LincheckTest {
    private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios", 12);
    private static final int EXECUTIONS = Integer.getInteger("lincheck.executions.each", 100);
    private static final long SEED = Long.getLong("lincheck.seed", 0);

    /** Loads many classes of the JDK before Lincheck watches. */
    @BeforeAll
    static void everythingIsLoaded() {
        LincheckDecisions decisions = new LincheckDecisions();
        decisions.acquire(0, 0, true);
        decisions.begin();
        decisions.tick();
        decisions.acquire(1, 1, false);
        decisions.closeManager();
        assertThat(decisions.outcome()).startsWith("TimedOut Closed null").endsWith(StressRig.CONSERVED);
    }

    @Test
    void concurrentCallsDecideAsInSomeSequentialOrder() {
        check(
                "decisions",
                new StressOptions(),
                SCENARIOS,
                EXECUTIONS,
                LincheckDecisions.class,
                LincheckScenarios::ofDecisions);
    }

    @Test
    void concurrentCallsOnSharedConnectionsDecideAsInSomeSequentialOrder() {
        check(
                "shared-decisions",
                new StressOptions(),
                SCENARIOS,
                EXECUTIONS,
                LincheckSharedDecisions.class,
                LincheckScenarios::ofSharedDecisions);
    }

    @Test
    void concurrentCallsLoseNothing() {
        check("losses", new StressOptions(), SCENARIOS, EXECUTIONS, LincheckLosses.class, LincheckScenarios::ofLosses);
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
        LincheckFigures.of(name, scenarios, () -> options.check(calls));
    }
}
