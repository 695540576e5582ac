package dev.keepalive.stress;

import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/**
 * Goes through interleavings step by step. So slow that only {@code tools/bin/lincheck --interleavings} runs it: each
 * step of an execution is watched.
 */
class Interleavings {
    private static final int SCENARIOS = Integer.getInteger("lincheck.interleavings.scenarios", 10);
    private static final int EXECUTIONS = Integer.getInteger("lincheck.interleavings", 20);

    @Test
    void interleavingsOfCallsDecideAsIfTheyWereMadeOneAfterTheOther() {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .recursionBound(1000)
                .loopIterationsBeforeThreadSwitch(1000)
                .loopBound(10_000)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses("dev.keepalive.machine.Invariants")
                        .allMethods()
                        .ignore());
        options.analyzeStdLib$lincheck(false);
        // The first execution rewrites some hundred classes, which must not look like a deadlock.
        options.invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(5));
        LincheckTest.everythingIsLoaded();
        LincheckTest.check("interleavings", options, SCENARIOS, EXECUTIONS, Decisions.class, Scenarios::ofDecisions);
    }
}
