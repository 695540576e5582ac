package dev.keepalive.fuzz;

import dev.keepalive.Counts;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The lines that one event of the machine produced: its effects, and its questions to slots with the answers. The model
 * reads them from the top.
 */
final class ObservedEffects {
    private final List<String> lines = new ArrayList<>();
    private final List<@Nullable Effect> effects = new ArrayList<>();
    private int next;

    void clear() {
        lines.clear();
        effects.clear();
        next = 0;
    }

    void add(String line, @Nullable Effect effect) {
        lines.add(line);
        effects.add(effect);
    }

    List<String> lines() {
        return lines;
    }

    /** True if this is the next line. Does not consume it. */
    boolean isNext(String line) {
        return next < lines.size() && lines.get(next).equals(line);
    }

    /** True if the next line is this, or begins with these words. Does not consume it. */
    boolean nextBegins(String words) {
        return isNext(words) || next < lines.size() && lines.get(next).startsWith(words + " ");
    }

    /** True if the next line is a failure that tells other counts than these. Does not consume it. */
    boolean nextTellsOtherCounts(Counts all) {
        return next < effects.size()
                && effects.get(next) instanceof Effect.Fail fail
                && !fail.all().equals(all);
    }

    /** Consumes the next line, which must be these words and a number; returns the number. */
    long expectNumber(String words) {
        if (!nextBegins(words) || isNext(words)) {
            throw new FuzzViolation(Check.MODEL, "expected \"" + words + " …\", saw " + nextLine());
        }
        return Long.parseLong(lines.get(next++).substring(words.length() + 1));
    }

    /**
     * Consumes the next line, which must be {@code line}, or {@code words} and a number.
     *
     * @return the number; 0 for {@code line}
     */
    long expectPerhapsWithNumber(String line, String words) {
        if (isNext(line)) {
            next++;
            return 0;
        }
        if (!nextBegins(words)) {
            throw new FuzzViolation(Check.MODEL, "expected \"" + line + "\" or \"" + words + " …\", saw " + nextLine());
        }
        return expectNumber(words);
    }

    /** Consumes the next line, which must be this. */
    @Nullable
    Effect expect(String line) {
        if (!isNext(line)) {
            throw new FuzzViolation(Check.MODEL, "expected \"" + line + "\", saw " + nextLine());
        }
        return effects.get(next++);
    }

    /** Consumes the next line, which must be one of these two; true for the first. */
    boolean expectEither(String yes, String no) {
        if (isNext(yes)) {
            next++;
            return true;
        }
        if (isNext(no)) {
            next++;
            return false;
        }
        throw new FuzzViolation(Check.MODEL, "expected \"" + yes + "\" or \"" + no + "\", saw " + nextLine());
    }

    /** The candidate whose line comes next. Does not consume it. */
    <T> T expectOneOf(List<T> candidates, Function<T, String> firstLine) {
        for (T candidate : candidates) {
            if (nextBegins(firstLine.apply(candidate))) {
                return candidate;
            }
        }
        String all = String.join("\" or \"", candidates.stream().map(firstLine).toList());
        throw new FuzzViolation(Check.MODEL, "expected \"" + all + "\", saw " + nextLine());
    }

    void expectNothingMore() {
        if (next < lines.size()) {
            throw new FuzzViolation(Check.MODEL, "expected nothing more, saw " + nextLine());
        }
    }

    /** The lines that are not consumed yet. */
    List<String> remaining() {
        return lines.subList(next, lines.size());
    }

    private String nextLine() {
        return next == lines.size() ? "nothing" : "\"" + lines.get(next) + "\"";
    }
}
