package dev.keepalive.http;

import java.net.http.HttpClient;

/** Methods of {@link HttpClient} that this project's oldest JDK does not know. */
final class ClientMethods {
    private ClientMethods() {}

    /** Ends a client at once. The JDK's own before 21 has no end. */
    static void shutdownNow(HttpClient client) throws Exception {
        if (client instanceof KeepaliveHttpClient own) {
            own.shutdownNow();
        } else if (Runtime.version().feature() >= 21) {
            HttpClient.class.getMethod("shutdownNow").invoke(client);
        }
    }
}
