package dev.keepalive.soak;

import java.util.Locale;

/** What the chaos server does to a connection, or to a door. */
enum Fault {
    /** It answers after some milliseconds. */
    SLOW,
    /** It never answers, and keeps the connection open. */
    STALL,
    /** It resets the connection, in place of the answer or right behind it. */
    RESET,
    /** It answers, and ends its side of the stream. */
    HALF_CLOSE,
    /** It answers, and closes. */
    CLOSE,
    /** It closes or resets in the middle of the answer. */
    CUT,
    /** It answers twice, in one write. */
    TWIN,
    /** It answers, and begins another line, in one write. */
    TORN,
    /** It answers, and once more some milliseconds later. */
    LATE_TWIN,
    /** It answers, and says something else some milliseconds later. */
    SPEAK,
    /** It says something as soon as the connection is open. */
    GREET,
    /** It closes or resets as soon as the connection is open. */
    SHUT_OUT,
    /** It accepts and never says a word; where TLS is spoken, the handshake is never answered. */
    MUTE,
    /** Nobody listens for some milliseconds. */
    REFUSE;

    /** As the last line of the soak prints it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
