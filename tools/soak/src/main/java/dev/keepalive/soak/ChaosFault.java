package dev.keepalive.soak;

import java.util.Locale;

/** What the chaos server does to a connection or a listener. */
enum ChaosFault {
    /** Answers after some milliseconds. */
    SLOW,
    /** Answers a stream, or confirms its end, so late that the client may have given up. */
    LATE,
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
    /** Resets one stream. */
    RESET_STREAM,
    /** Refuses one stream, and has not processed its request. */
    REFUSE_STREAM,
    /** Takes no new streams, and says which of the present ones it has not processed. Sometimes closes later. */
    GO_AWAY,
    /** Takes another number of streams from now on. */
    SETTINGS,
    /** Takes no new streams for some milliseconds. */
    NO_ROOM,
    /** Never confirms the end of a stream. */
    UNCONFIRMED,
    /** The listener is closed for some milliseconds. */
    REFUSE;

    /** The form that the last line of the soak prints. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
