package dev.keepalive.http;

import java.io.IOException;

/** A response, or what a peer did on a connection, was beyond a limit of this client. The message names the limit. */
public final class HttpLimitException extends IOException {
    private static final long serialVersionUID = 1;

    HttpLimitException(String message) {
        super(message);
    }
}
