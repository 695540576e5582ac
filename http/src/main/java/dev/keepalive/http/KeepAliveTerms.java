package dev.keepalive.http;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long, and for how many more requests, the server keeps a connection, as its Keep-Alive fields say:
 * {@code timeout=5, max=100}. Seconds, and requests after the present one. A request must arrive before the time is
 * over, so a margin is taken off: one second, or half of the time if that is less. What cannot be read is ignored. Not
 * thread-safe.
 */
final class KeepAliveTerms {
    private static final String FIELD = "Keep-Alive";
    private static final String TIMEOUT = "timeout=";
    private static final String MAX = "max=";
    private static final long MARGIN = TimeUnit.SECONDS.toNanos(1);
    private static final int UNKNOWN = -1;

    /** More digits are more than anybody counts. */
    private static final int MOST_DIGITS = 9;

    private final LongSupplier clock;
    private boolean hasTime;
    private long overAt;
    private int requestsLeft = Integer.MAX_VALUE;

    /** @param clock in nanoseconds */
    KeepAliveTerms(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * A response has come, and begins the time anew.
     *
     * @return false if the connection is not kept
     */
    boolean note(HeaderFields response) {
        hasTime = false;
        requestsLeft -= requestsLeft == Integer.MAX_VALUE ? 0 : 1;
        if (!response.contains(FIELD)) {
            return requestsLeft > 0;
        }
        boolean kept = true;
        for (String value : response.values(FIELD)) {
            for (String parameter : value.toLowerCase(Locale.ROOT).split(",")) {
                kept &= noteParameter(parameter.replace(" ", "").replace("\"", ""));
            }
        }
        return kept && requestsLeft > 0;
    }

    private boolean noteParameter(String parameter) {
        if (parameter.startsWith(TIMEOUT)) {
            int seconds = number(parameter.substring(TIMEOUT.length()));
            if (seconds > 0) {
                long time = TimeUnit.SECONDS.toNanos(seconds);
                hasTime = true;
                overAt = clock.getAsLong() + time - Math.min(MARGIN, time / 2);
            }
            return seconds != 0;
        }
        if (parameter.startsWith(MAX)) {
            int left = number(parameter.substring(MAX.length()));
            requestsLeft = left == UNKNOWN ? requestsLeft : Math.min(requestsLeft, left);
        }
        return true;
    }

    private static int number(String text) {
        boolean plain =
                !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return plain ? Integer.parseInt(text) : UNKNOWN;
    }

    /** Whether the server has said how long it keeps the connection. */
    boolean haveTime() {
        return hasTime;
    }

    boolean areOver() {
        return hasTime && overAt - clock.getAsLong() <= 0;
    }

    long nanosLeft() {
        return Math.max(0, overAt - clock.getAsLong());
    }
}
