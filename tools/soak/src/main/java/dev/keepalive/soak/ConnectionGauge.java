package dev.keepalive.soak;

/**
 * One limit, as the server sees it kept: how many of its connections are open, and the most that ever were. Used only
 * by the thread of the chaos server.
 */
final class ConnectionGauge {
    private final String name;
    private final int most;
    private int limit;
    private int open;
    private int highest;

    ConnectionGauge(String name, int limit) {
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

    /** Lowers the limit; called once the clients keep to it. */
    void lower(int limit) {
        this.limit = limit;
    }

    /** Restores the initial limit; called before the clients may use it. */
    void raise() {
        limit = most;
    }

    int open() {
        return open;
    }

    /** The most connections known to have been open at one moment. */
    int highest() {
        return highest;
    }

    void opened() {
        open++;
    }

    void closed() {
        open--;
    }

    /** Notes that so many were open at one moment. */
    void note(int together) {
        highest = Math.max(highest, together);
    }

    /** For example {@code 24/24}: the most that were open, and the initial limit. */
    @Override
    public String toString() {
        return highest + "/" + most;
    }
}
