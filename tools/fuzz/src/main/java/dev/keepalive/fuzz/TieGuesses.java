package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines at the same moment may be handled in any order. Mostly the first effect shows the order. Where it does not,
 * the model guesses; a run that fails after a guess is repeated with other guesses before it counts as failed.
 */
final class TieGuesses {
    private static final int MOST_ATTEMPTS = 2_048;

    private final List<Boolean> planned;
    private final int attempt;
    private int used;

    private TieGuesses(List<Boolean> guesses, int attempt) {
        this.planned = guesses;
        this.attempt = attempt;
    }

    static TieGuesses none() {
        return new TieGuesses(List.of(), 1);
    }

    /** Makes the next guess. */
    boolean guess() {
        boolean guess = used < planned.size() && planned.get(used);
        used++;
        return guess;
    }

    /** The guesses of the next attempt after this one failed, the latest guess changed first; null if none is left. */
    @Nullable
    TieGuesses next() {
        List<Boolean> next = new ArrayList<>();
        for (int i = 0; i < used; i++) {
            next.add(i < planned.size() && planned.get(i));
        }
        while (!next.isEmpty() && next.get(next.size() - 1)) {
            next.remove(next.size() - 1);
        }
        if (next.isEmpty() || attempt == MOST_ATTEMPTS) {
            return null;
        }
        next.set(next.size() - 1, true);
        return new TieGuesses(next, attempt + 1);
    }
}
