package dev.keepalive.fuzz;

import dev.keepalive.fuzz.FuzzOperation.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a failing list of operations small: leaves out operations that are not needed, large pieces first, then
 * simplifies the numbers.
 */
final class OperationShrinker {
    private static final int MOST_RUNS = 20_000;

    private final FuzzSetup setup;
    private final FuzzViolation.Check check;
    private int runs;

    private OperationShrinker(FuzzSetup setup, FuzzViolation.Check check) {
        this.setup = setup;
        this.check = check;
    }

    /** The smallest list found that fails the same check. */
    static List<FuzzOperation> shrink(FuzzSetup setup, List<FuzzOperation> operations) {
        FuzzRun first = FuzzRun.of(setup, operations, false);
        FuzzViolation violation = first.violation();
        if (violation == null) {
            throw new IllegalArgumentException("the operations do not fail");
        }
        OperationShrinker shrinker = new OperationShrinker(setup, violation.check());
        List<FuzzOperation> small = new ArrayList<>(operations.subList(0, first.operations()));
        int before;
        do {
            before = small.size();
            small = shrinker.leaveOut(small);
            small = shrinker.simplify(small);
        } while (small.size() < before);
        return small;
    }

    private boolean fails(List<FuzzOperation> operations) {
        if (runs++ > MOST_RUNS) {
            return false;
        }
        FuzzViolation violation = FuzzRun.of(setup, operations, false).violation();
        return violation != null && violation.check() == check;
    }

    private List<FuzzOperation> leaveOut(List<FuzzOperation> operations) {
        List<FuzzOperation> small = operations;
        for (int piece = Math.max(1, small.size() / 2); piece > 0; piece /= 2) {
            for (int from = small.size() - piece; from >= 0; from -= piece) {
                List<FuzzOperation> without = new ArrayList<>(small);
                without.subList(from, from + piece).clear();
                if (fails(without)) {
                    small = without;
                    from = Math.min(from, small.size());
                }
            }
        }
        return small;
    }

    private List<FuzzOperation> simplify(List<FuzzOperation> operations) {
        List<FuzzOperation> small = new ArrayList<>(operations);
        for (int i = 0; i < small.size(); i++) {
            FuzzOperation one = small.get(i);
            for (int which = 0; which < 4 && which < one.which(); which++) {
                if (replace(small, i, new FuzzOperation(one.kind(), which, one.value()))) {
                    break;
                }
            }
            if (one.kind() == Kind.PASS_TIME || one.kind() == Kind.ACQUIRE) {
                simplifyTime(small, i);
            }
        }
        return small;
    }

    private void simplifyTime(List<FuzzOperation> small, int index) {
        FuzzOperation one = small.get(index);
        long[] simpler = {one.kind() == Kind.ACQUIRE ? -1 : 0, 1, 10, 100};
        for (long value : simpler) {
            if (Math.abs(value) < Math.abs(one.value()) || value < 0) {
                if (replace(small, index, new FuzzOperation(one.kind(), one.which(), value))) {
                    return;
                }
            }
        }
    }

    private boolean replace(List<FuzzOperation> operations, int index, FuzzOperation simpler) {
        FuzzOperation before = operations.set(index, simpler);
        if (fails(operations)) {
            return true;
        }
        operations.set(index, before);
        return false;
    }
}
