package dev.keepalive.fuzz;

import dev.keepalive.machine.History;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What came of playing some operations.
 *
 * @param events how many events the machine has seen
 * @param operations how many operations were played; all of them if it failed only afterwards
 * @param violation what was wrong, if anything
 * @param transcript everything that happened, as lines; empty if that was not wanted
 */
record Run(long events, int operations, @Nullable Violation violation, List<String> transcript) {
    /** Plays the operations, then brings everything to rest. */
    static Run of(Setup setup, List<Operation> operations, boolean transcribed) {
        return of(setup, operations, () -> History.NONE, transcribed);
    }

    /** @param journals makes a journal for each attempt; the last one holds the history of this run */
    static Run of(Setup setup, List<Operation> operations, Supplier<History> journals, boolean transcribed) {
        Ties ties = Ties.none();
        Run run = once(setup, operations, ties, journals.get(), transcribed);
        for (Ties next = ties.next(); run.violation != null && next != null; next = next.next()) {
            run = once(setup, operations, next, journals.get(), transcribed);
        }
        return run;
    }

    private static Run once(Setup setup, List<Operation> operations, Ties ties, History history, boolean transcribed) {
        List<String> transcript = new ArrayList<>();
        Stage stage = new Stage(setup, ties, history, transcribed ? transcript : null);
        World world = new World(setup, stage);
        int played = 0;
        try {
            for (Operation operation : operations) {
                played++;
                world.operate(operation);
            }
            if (transcribed) {
                transcript.add("-- everything comes to rest --");
            }
            new Quiescence(world).check(operations.size() % 2 == 0);
            return new Run(stage.events, played, null, transcript);
        } catch (Violation violation) {
            return new Run(stage.events, played, violation, transcript);
        } catch (RuntimeException | Error thrown) {
            return new Run(stage.events, played, new Violation(thrown), transcript);
        }
    }
}
