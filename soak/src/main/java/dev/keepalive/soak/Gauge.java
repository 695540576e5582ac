package dev.keepalive.soak;

/**
 * One limit, as the server sees it kept: how many of the connections under it are open, and the most that ever were. Used by the chaos
 * server's thread only.
 */
final class Gauge {
    private final String name;
    private int limit;
    private int open;
    private int highest;

    Gauge(String name, int limit) {
        this.name = name;
        this.limit = limit;
    }

    String name() {
        return name;
    }

    int limit() {
        return limit;
    }

    /** From now on another limit. */
    void setLimit(int limit) {
        this.limit = limit;
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

    /** For example {@code 24/24}. */
    @Override
    public String toString() {
        return highest + "/" + limit;
    }
}
