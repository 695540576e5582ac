package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What is requested, and how.
 *
 * @param port the server's port of loopback
 * @param tls what verifies the server's certificate, for HTTP/2 by ALPN; null for HTTP/1.1 in the clear
 * @param size how many bytes an answer's content has
 * @param connections the limit of connections, for HTTP clients that have one
 */
record HttpTarget(int port, @Nullable LoopbackTls tls, int size, int connections) {
    private static final int OK = 200;

    URI uri() {
        return URI.create(origin() + path());
    }

    String origin() {
        return (tls == null ? "http" : "https") + "://" + authority();
    }

    String authority() {
        return "127.0.0.1:" + port;
    }

    String path() {
        return "/" + size;
    }

    /** @throws IllegalStateException if this is not the answer that was asked for */
    void check(int status, int bytes) {
        if (status != OK || bytes != size) {
            throw new IllegalStateException(
                    "the answer has status " + status + " and " + bytes + " bytes, not " + OK + " and " + size);
        }
    }
}
