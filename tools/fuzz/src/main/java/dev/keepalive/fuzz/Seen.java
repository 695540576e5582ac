package dev.keepalive.fuzz;

import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one event was seen to do, line by line: effects, and questions to wires with their answers. The model reads it
 * from the top.
 */
final class Seen {
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

    /** True if that is the next line; it stays the next. */
    boolean isNext(String line) {
        return next < lines.size() && lines.get(next).equals(line);
    }

    /** True if the next line is that, or begins with these words; it stays the next. */
    boolean nextBegins(String words) {
        return isNext(words) || next < lines.size() && lines.get(next).startsWith(words + " ");
    }

    /** A line of these words and a number more must be the next. */
    long expectNumber(String words) {
        if (!nextBegins(words) || isNext(words)) {
            throw new Violation(Check.MODEL, "expected \"" + words + " …\", saw " + following());
        }
        return Long.parseLong(lines.get(next++).substring(words.length() + 1));
    }

    /**
     * One of these must be the next line: the first, or the second and a number more.
     *
     * @return the number; 0 for the first
     */
    long expectPerhapsWithNumber(String line, String words) {
        if (isNext(line)) {
            next++;
            return 0;
        }
        if (!nextBegins(words)) {
            throw new Violation(Check.MODEL, "expected \"" + line + "\" or \"" + words + " …\", saw " + following());
        }
        return expectNumber(words);
    }

    /** That must be the next line. */
    @Nullable
    Effect expect(String line) {
        if (!isNext(line)) {
            throw new Violation(Check.MODEL, "expected \"" + line + "\", saw " + following());
        }
        return effects.get(next++);
    }

    /** One of two lines must be the next. */
    boolean expectEither(String yes, String no) {
        if (isNext(yes)) {
            next++;
            return true;
        }
        if (isNext(no)) {
            next++;
            return false;
        }
        throw new Violation(Check.MODEL, "expected \"" + yes + "\" or \"" + no + "\", saw " + following());
    }

    /** One of these lines must be the next, or one that begins so. */
    <T> T expectOneOf(List<T> candidates, Function<T, String> firstLine) {
        for (T candidate : candidates) {
            if (nextBegins(firstLine.apply(candidate))) {
                return candidate;
            }
        }
        String all = String.join("\" or \"", candidates.stream().map(firstLine).toList());
        throw new Violation(Check.MODEL, "expected \"" + all + "\", saw " + following());
    }

    void expectNothingMore() {
        if (next < lines.size()) {
            throw new Violation(Check.MODEL, "expected nothing more, saw " + following());
        }
    }

    /** The lines that are not read yet. */
    List<String> rest() {
        return lines.subList(next, lines.size());
    }

    private String following() {
        return next == lines.size() ? "nothing" : "\"" + lines.get(next) + "\"";
    }
}
