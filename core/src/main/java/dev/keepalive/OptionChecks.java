package dev.keepalive;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks of option values: each error names the option, the value and what is allowed. */
final class OptionChecks {
    private OptionChecks() {}

    static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not allowed: at least 1");
        }
        return value;
    }

    static Duration positive(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " " + value + " is not allowed: more than zero");
        }
        return value;
    }

    static Duration notNegative(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " " + value + " is not allowed: zero or more");
        }
        return value;
    }

    /** The duration in nanoseconds; null is never. */
    static long nanosOrNever(@Nullable Duration duration) {
        return duration == null ? Long.MAX_VALUE : nanos(duration);
    }

    /** The duration in nanoseconds; what does not fit into a long is as good as for ever. */
    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }
}
