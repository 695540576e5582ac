package dev.keepalive.soak;

import org.jspecify.annotations.Nullable;

/**
 * One line of the chaos server: {@code <request> <connection> <sequence> <kind>}. The kind stands last, so that a line
 * that was cut is never taken for a whole one.
 *
 * @param request the number of the request that it answers; 0 if it answers none
 * @param connection the server's number of the connection
 * @param sequence how many requests the connection has had
 * @param kind what sort of line it is
 */
record Line(long request, long connection, long sequence, Kind kind) {
    /** Who may read a line. */
    enum Kind {
        /** The answer: for who asked, and for nobody else. */
        REPLY,
        /**
         * The answer's double, from the same write: it reaches the client together with the answer, so whoever cleans
         * up behind the holder sees it. For who asked, and for nobody else.
         */
        TWIN,
        /**
         * The answer's double, sent later: the next holder may be reading already, and no client can tell whose it is.
         */
        LATE,
        /** Said without being asked: whoever reads at that moment may get it. */
        UNASKED;

        /** Whether somebody may read it who asked for something else. */
        boolean mayReachAnybody() {
            return this == LATE || this == UNASKED;
        }
    }

    /** The line as it is sent, with its line break. */
    String text() {
        return request + " " + connection + " " + sequence + " " + kind + "\n";
    }

    /** The line that was received, or null if it is none. */
    static @Nullable Line parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length != 4) {
            return null;
        }
        try {
            return new Line(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Kind.valueOf(parts[3]));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
