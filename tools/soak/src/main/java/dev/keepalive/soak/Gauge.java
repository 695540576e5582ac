package dev.keepalive.soak;

/**
 * One limit, as the server sees it kept: how many of the connections under it are open, and the most that ever were.
 * Used by the chaos server's thread only.
 */
final class Gauge {
    private final String name;
    private final int most;
    private int limit;
    private int open;
    private int highest;

    Gauge(String name, int limit) {
        this.name = name;
        this.most = limit;
        this.limit = limit;
    }

    String name() {
        return name;
    }

    int limit() {
        return limit;
    }

    /** From now on a lower limit; to be called when the clients keep to it already. */
    void lower(int limit) {
        this.limit = limit;
    }

    /** From now on the limit that it had in the beginning; to be called before the clients may go by it. */
    void raise() {
        limit = most;
    }

    int open() {
        return open;
    }

    /** The most connections that are known to have been open at one moment. */
    int highest() {
        return highest;
    }

    void opened() {
        open++;
    }

    void closed() {
        open--;
    }

    /** So many were open at one moment. */
    void note(int together) {
        highest = Math.max(highest, together);
    }

    /** For example {@code 24/24}: the most that were open, and the limit that it had in the beginning. */
    @Override
    public String toString() {
        return highest + "/" + most;
    }
}
