package dev.keepalive.http;

import java.time.Duration;

/** The {@link HttpOptions} while they are set, and the checks of options. */
final class OptionsBuilder {
    /** What every peer may send before it is told another window (RFC 9113, section 6.9.2). */
    static final int LEAST_WINDOW = 65_535;

    boolean priorKnowledge = HttpOptions.DEFAULTS.priorKnowledge();
    int maxHeaderSize = HttpOptions.DEFAULTS.maxHeaderSize();
    int maxHeaderFields = HttpOptions.DEFAULTS.maxHeaderFields();
    int maxInformational = HttpOptions.DEFAULTS.maxInformational();
    int maxDrain = HttpOptions.DEFAULTS.maxDrain();
    int maxStreams = HttpOptions.DEFAULTS.maxStreams();
    int streamWindow = HttpOptions.DEFAULTS.streamWindow();
    int connectionWindow = HttpOptions.DEFAULTS.connectionWindow();
    Duration pingAfter = HttpOptions.DEFAULTS.pingAfter();
    Duration pingTimeout = HttpOptions.DEFAULTS.pingTimeout();

    HttpOptions build() {
        return new HttpOptions(
                priorKnowledge,
                maxHeaderSize,
                maxHeaderFields,
                maxInformational,
                maxDrain,
                maxStreams,
                streamWindow,
                connectionWindow,
                pingAfter,
                pingTimeout);
    }

    static int positive(String option, int value) {
        return atLeast(option, value, 1);
    }

    static int notNegative(String option, int value) {
        return atLeast(option, value, 0);
    }

    static int atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " " + value + " is not allowed: at least " + least);
        }
        return value;
    }

    static Duration positive(String option, Duration value) {
        if (value == null) {
            throw new NullPointerException(option);
        }
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(option + " " + value + " is not allowed: more than zero");
        }
        return value;
    }
}
