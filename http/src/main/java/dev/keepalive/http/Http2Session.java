package dev.keepalive.http;

import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;

/** HTTP/2 on one connection, many exchanges at a time. */
final class Http2Session {
    private Http2Session() {}

    static Session<HttpConnection> install(ProtocolContext context, HttpOptions options) {
        throw new UnsupportedOperationException("not yet: " + context + options);
    }
}
