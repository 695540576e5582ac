package dev.keepalive.http;

import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;

/** HTTP/1.1 on one connection, one exchange after the other. */
final class Http1Session {
    private Http1Session() {}

    static Session<HttpConnection> install(ProtocolContext context, HttpOptions options) {
        throw new UnsupportedOperationException("not yet: " + context + options);
    }
}
