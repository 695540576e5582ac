package dev.keepalive.stress;

import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/**
 * Explores interleavings step by step. Every step of an execution is watched, which is slow: only
 * {@code tools/bin/lincheck --interleavings} runs it.
 */
class LincheckInterleavings {
    private static final int SCENARIOS = Integer.getInteger("lincheck.interleavings.scenarios", 10);
    private static final int EXECUTIONS = Integer.getInteger("lincheck.interleavings", 20);

    @Test
    void interleavedCallsDecideAsInSomeSequentialOrder() {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .recursionBound(1000)
                .loopIterationsBeforeThreadSwitch(1000)
                .loopBound(10_000)
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses("dev.keepalive.machine.Invariants")
                        .allMethods()
                        .ignore());
        options.analyzeStdLib$lincheck(false);
        // The first execution transforms hundreds of classes, and must not be taken for a deadlock.
        options.invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(5));
        LincheckTest.everythingIsLoaded();
        LincheckTest.check(
                "interleavings",
                options,
                SCENARIOS,
                EXECUTIONS,
                LincheckDecisions.class,
                LincheckScenarios::ofDecisions);
    }
}
