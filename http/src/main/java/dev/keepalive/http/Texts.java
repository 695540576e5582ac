package dev.keepalive.http;

import java.math.BigDecimal;
import java.time.Duration;

/** Texts of a peer, judged, and made fit for a message: short and without control characters; and times. */
final class Texts {
    private static final int LONGEST = 100;

    private Texts() {}

    /** This time in seconds: {@code 1.5s}. */
    static String seconds(Duration time) {
        return BigDecimal.valueOf(Deadline.nanos(time), 9).stripTrailingZeros().toPlainString() + "s";
    }

    /** This text in single quotes. */
    static String quoted(CharSequence text) {
        StringBuilder result = new StringBuilder("'");
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char each = text.charAt(i);
            result.append(each < ' ' || each >= 0x7f ? '?' : each);
        }
        return result.append(text.length() > LONGEST ? "…'" : "'").toString();
    }

    /** Whether it is one or more ASCII digits. */
    static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
