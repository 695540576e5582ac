package dev.keepalive.fuzz;

import dev.keepalive.fuzz.Operation.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a failing list of operations small: leaves out what is not needed, larger pieces first, then makes the numbers
 * small.
 */
final class Shrinker {
    private static final int MOST_RUNS = 20_000;

    private final Setup setup;
    private final Violation.Check check;
    private int runs;

    private Shrinker(Setup setup, Violation.Check check) {
        this.setup = setup;
        this.check = check;
    }

    /** The smallest list found that fails by the same check. */
    static List<Operation> shrink(Setup setup, List<Operation> operations) {
        Run first = Run.of(setup, operations, false);
        Violation violation = first.violation();
        if (violation == null) {
            throw new IllegalArgumentException("does not fail");
        }
        Shrinker shrinker = new Shrinker(setup, violation.check());
        List<Operation> small = new ArrayList<>(operations.subList(0, first.operations()));
        int before;
        do {
            before = small.size();
            small = shrinker.leaveOut(small);
            small = shrinker.simplify(small);
        } while (small.size() < before);
        return small;
    }

    private boolean fails(List<Operation> operations) {
        if (runs++ > MOST_RUNS) {
            return false;
        }
        Violation violation = Run.of(setup, operations, false).violation();
        return violation != null && violation.check() == check;
    }

    private List<Operation> leaveOut(List<Operation> operations) {
        List<Operation> small = operations;
        for (int piece = Math.max(1, small.size() / 2); piece > 0; piece /= 2) {
            for (int from = small.size() - piece; from >= 0; from -= piece) {
                List<Operation> without = new ArrayList<>(small);
                without.subList(from, from + piece).clear();
                if (fails(without)) {
                    small = without;
                    from = Math.min(from, small.size());
                }
            }
        }
        return small;
    }

    private List<Operation> simplify(List<Operation> operations) {
        List<Operation> small = new ArrayList<>(operations);
        for (int i = 0; i < small.size(); i++) {
            Operation one = small.get(i);
            for (int which = 0; which < 4 && which < one.which(); which++) {
                if (replace(small, i, new Operation(one.kind(), which, one.value()))) {
                    break;
                }
            }
            if (one.kind() == Kind.PASS || one.kind() == Kind.ACQUIRE) {
                simplifyTime(small, i);
            }
        }
        return small;
    }

    private void simplifyTime(List<Operation> small, int index) {
        Operation one = small.get(index);
        long[] simpler = {one.kind() == Kind.ACQUIRE ? -1 : 0, 1, 10, 100};
        for (long value : simpler) {
            if (Math.abs(value) < Math.abs(one.value()) || value < 0) {
                if (replace(small, index, new Operation(one.kind(), one.which(), value))) {
                    return;
                }
            }
        }
    }

    private boolean replace(List<Operation> operations, int index, Operation simpler) {
        Operation before = operations.set(index, simpler);
        if (fails(operations)) {
            return true;
        }
        operations.set(index, before);
        return false;
    }
}
