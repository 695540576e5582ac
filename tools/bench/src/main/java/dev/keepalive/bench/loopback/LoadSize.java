package dev.keepalive.bench.loopback;

/**
 * The size of a load.
 *
 * @param clients the number of clients
 * @param connections the limit of connections
 */
record LoadSize(int clients, int connections) {
    /** As many connections as clients. */
    static LoadSize of(int clients) {
        return new LoadSize(clients, clients);
    }

    /** True if no client has to wait for another one's connection. */
    boolean hasConnectionForEach() {
        return clients <= connections;
    }

    /** The size in words, with this word for one client. */
    String of(String client) {
        String text = clients + " " + client + (clients == 1 ? "" : "s");
        return clients == connections ? text : text + " on " + connections;
    }
}
