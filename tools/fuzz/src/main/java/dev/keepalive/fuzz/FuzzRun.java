package dev.keepalive.fuzz;

import dev.keepalive.machine.History;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The result of playing a list of operations.
 *
 * @param events how many events the machine has handled
 * @param operations how many operations were played; all of them if the run failed only afterwards
 * @param violation the violation; null if there was none
 * @param transcript everything that happened, as lines; empty if not wanted
 */
record FuzzRun(long events, int operations, @Nullable FuzzViolation violation, List<String> transcript) {
    /** Plays the operations, then brings everything to rest and checks the end. */
    static FuzzRun of(FuzzSetup setup, List<FuzzOperation> operations, boolean transcribed) {
        return of(setup, operations, () -> History.NONE, transcribed);
    }

    /**
     * Plays the operations and records the history.
     *
     * @param journals makes a journal for each attempt; the last one holds the history of the result
     */
    static FuzzRun of(
            FuzzSetup setup, List<FuzzOperation> operations, Supplier<History> journals, boolean transcribed) {
        TieGuesses guesses = TieGuesses.none();
        FuzzRun run = attempt(setup, operations, guesses, journals.get(), transcribed);
        for (TieGuesses next = guesses.next(); run.violation != null && next != null; next = next.next()) {
            run = attempt(setup, operations, next, journals.get(), transcribed);
        }
        return run;
    }

    private static FuzzRun attempt(
            FuzzSetup setup, List<FuzzOperation> operations, TieGuesses guesses, History history, boolean transcribed) {
        List<String> transcript = new ArrayList<>();
        LockstepComparison lockstep = new LockstepComparison(setup, guesses, history, transcribed ? transcript : null);
        SimulatedEnvironment environment = new SimulatedEnvironment(setup, lockstep);
        int played = 0;
        try {
            for (FuzzOperation operation : operations) {
                played++;
                environment.apply(operation);
            }
            if (transcribed) {
                transcript.add("-- everything comes to rest --");
            }
            new QuietEndCheck(environment).check(operations.size() % 2 == 0);
            return new FuzzRun(lockstep.events, played, null, transcript);
        } catch (FuzzViolation violation) {
            return new FuzzRun(lockstep.events, played, violation, transcript);
        } catch (RuntimeException | Error thrown) {
            return new FuzzRun(lockstep.events, played, new FuzzViolation(thrown), transcript);
        }
    }
}
