package dev.keepalive;

import java.time.Duration;
import java.util.Objects;

/** Checks option values. Each error names the option, the value and what is allowed. */
final class OptionChecks {
    private OptionChecks() {}

    static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not allowed: at least 1");
        }
        return value;
    }

    static int percent(String name, int value) {
        if (value < 1 || value > 100) {
            throw new IllegalArgumentException(name + " " + value + " is not allowed: 1 to 100");
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
}
