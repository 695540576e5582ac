package dev.keepalive.http;

import java.io.IOException;

/** The client has no credentials that the server or the proxy accepts. */
final class AuthenticationException extends IOException {
    private static final long serialVersionUID = 1;

    AuthenticationException(String message) {
        super(message);
    }
}
