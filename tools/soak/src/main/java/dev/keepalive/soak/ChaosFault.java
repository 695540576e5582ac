package dev.keepalive.soak;

import java.util.Locale;

/** What the chaos server does to a connection or a listener. */
enum ChaosFault {
    /** Answers after some milliseconds. */
    SLOW,
    /** Never answers, and keeps the connection open. */
    STALL,
    /** Resets the connection, instead of the answer or right after it. */
    RESET,
    /** Answers, and closes its sending side. */
    HALF_CLOSE,
    /** Answers, and closes the connection. */
    CLOSE,
    /** Closes or resets in the middle of the answer. */
    CUT_ANSWER,
    /** Answers twice, in one write. */
    DUPLICATE,
    /** Answers and sends half of another line, in one write. */
    HALF_LINE,
    /** Answers, and sends the answer again some milliseconds later. */
    LATE_DUPLICATE,
    /** Answers, and sends an unasked line some milliseconds later. */
    UNASKED,
    /** Sends a line as soon as the connection is open. */
    GREET,
    /** Closes or resets as soon as the connection is open. */
    CLOSE_AT_ONCE,
    /** Accepts and never sends anything; with TLS, the handshake is never answered. */
    MUTE,
    /** The listener is closed for some milliseconds. */
    REFUSE;

    /** The form that the last line of the soak prints. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
