package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Describes a seed that failed: the violation, the shortest run found that shows it, and the commands that play it
 * again.
 */
final class FailureReport {
    private FailureReport() {}

    /** The lines that describe a failing run. */
    static List<String> of(long seed, FuzzSetup setup, List<FuzzOperation> operations) {
        FuzzRun whole = FuzzRun.of(setup, operations, false);
        List<FuzzOperation> small = OperationShrinker.shrink(setup, operations);
        FuzzRun run = FuzzRun.of(setup, small, true);
        List<String> lines = new ArrayList<>();
        lines.add("seed " + seed + " failed after " + whole.events() + " events, shrunk to " + small.size()
                + " operations:");
        lines.add("    " + setup);
        run.transcript().forEach(line -> lines.add("    " + line));
        FuzzViolation violation = run.violation();
        if (violation != null) {
            lines.add("  " + violation.check() + ": " + violation.getMessage());
            if (violation.getCause() != null) {
                lines.add("  at " + violation.getCause().getStackTrace()[0]);
            }
        }
        lines.add("to play all of it again:    tools/bin/fuzz --seed " + seed + " --events " + operations.size());
        String words = small.stream().map(FuzzOperation::toString).collect(Collectors.joining(" "));
        lines.add("to play only this again:    tools/bin/fuzz --seed " + seed + " --replay '" + words + "'");
        return lines;
    }
}
