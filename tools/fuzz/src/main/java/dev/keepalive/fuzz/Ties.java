package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is due at the very same time may be ended in any order. Mostly the first effect shows which it was; where it
 * does not, the model guesses, and a run that fails after a guess is repeated with other guesses before it counts as
 * failed.
 */
final class Ties {
    private static final int MOST_ATTEMPTS = 128;

    private final List<Boolean> guesses;
    private final int attempt;
    private int used;

    private Ties(List<Boolean> guesses, int attempt) {
        this.guesses = guesses;
        this.attempt = attempt;
    }

    static Ties none() {
        return new Ties(List.of(), 1);
    }

    /** The next guess. */
    boolean guess() {
        boolean guess = used < guesses.size() && guesses.get(used);
        used++;
        return guess;
    }

    /**
     * The guesses of the next attempt after this one failed, the latest guess changed first; null if there is nothing
     * more to try.
     */
    @Nullable
    Ties next() {
        List<Boolean> next = new ArrayList<>();
        for (int i = 0; i < used; i++) {
            next.add(i < guesses.size() && guesses.get(i));
        }
        while (!next.isEmpty() && next.get(next.size() - 1)) {
            next.remove(next.size() - 1);
        }
        if (next.isEmpty() || attempt == MOST_ATTEMPTS) {
            return null;
        }
        next.set(next.size() - 1, true);
        return new Ties(next, attempt + 1);
    }
}
