package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tells of a seed that failed: what was wrong, the shortest way to it that was found, and how to go it again. */
final class Report {
    private Report() {}

    /** Lines about a run that fails. */
    static List<String> of(long seed, Setup setup, List<Operation> operations) {
        Run whole = Run.of(setup, operations, false);
        List<Operation> small = Shrinker.shrink(setup, operations);
        Run run = Run.of(setup, small, true);
        List<String> lines = new ArrayList<>();
        lines.add("seed " + seed + " failed after " + whole.events() + " events, shrunk to " + small.size()
                + " operations:");
        lines.add("    " + setup);
        run.transcript().forEach(line -> lines.add("    " + line));
        Violation violation = run.violation();
        if (violation != null) {
            lines.add("  " + violation.check() + ": " + violation.getMessage());
            if (violation.getCause() != null) {
                lines.add("  at " + violation.getCause().getStackTrace()[0]);
            }
        }
        lines.add("to see all of it again:   tools/bin/fuzz --seed " + seed + " --events " + operations.size());
        String words = small.stream().map(Operation::toString).collect(Collectors.joining(" "));
        lines.add("to see only this again:   tools/bin/fuzz --seed " + seed + " --replay '" + words + "'");
        return lines;
    }
}
