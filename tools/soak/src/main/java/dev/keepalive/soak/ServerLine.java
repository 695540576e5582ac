package dev.keepalive.soak;

import org.jspecify.annotations.Nullable;

/**
 * One line of the chaos server: {@code <request> <connection> <sequence> <kind>}. The kind comes last, so that a cut
 * line is never taken for a whole one.
 *
 * @param request the number of the request that it answers; 0 if it answers none
 * @param connection the server's number of the connection
 * @param sequence how many requests the connection has had
 * @param kind the kind of line
 */
record ServerLine(long request, long connection, long sequence, Kind kind) {
    /** The kind of a line, and which holder may read it. */
    enum Kind {
        /** The answer. Only the holder that sent the request may read it. */
        REPLY,
        /**
         * The answer again, in the same write. It reaches the client together with the answer, so the reset after the
         * release sees it. Only the holder that sent the request may read it.
         */
        DUPLICATE,
        /** The answer again, sent later. The next holder may be reading already, and no client can tell. */
        LATE,
        /** Sent without a request: any holder that reads at that moment may get it. */
        UNASKED;

        /** Whether a holder that sent another request may read it. */
        boolean mayReachAnotherHolder() {
            return this == LATE || this == UNASKED;
        }
    }

    /** The line as it is sent, with its line break. */
    String text() {
        return request + " " + connection + " " + sequence + " " + kind + "\n";
    }

    /** The received line; null if it is not a valid line. */
    static @Nullable ServerLine parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length != 4) {
            return null;
        }
        try {
            return new ServerLine(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Kind.valueOf(parts[3]));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
