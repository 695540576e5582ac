package dev.keepalive.http;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import java.io.IOException;
import java.util.List;

/** HTTP as TLS has negotiated it: HTTP/2 on a connection that exchanges share, or HTTP/1.1. Safe from any thread. */
final class HttpProtocol implements Protocol<HttpConnection> {
    static final String H2 = "h2";
    static final String HTTP_1_1 = "http/1.1";

    /** Marks an endpoint in the clear whose server is known to speak HTTP/2. */
    static final String H2_SCHEME = "h2c";

    private final HttpOptions options;

    HttpProtocol(HttpOptions options) {
        this.options = options;
    }

    @Override
    public Session<HttpConnection> install(ProtocolContext context) throws Exception {
        String chosen = context.applicationProtocol();
        if (H2.equals(chosen) || isPriorKnowledge(context.endpoint())) {
            return Http2Session.install(context, options);
        }
        if (chosen != null && !chosen.startsWith("http/1.")) {
            throw new IOException("the server chose the protocol '" + chosen + "', not one of h2 and http/1.1");
        }
        return Http1Session.install(context, options);
    }

    @Override
    public int expectedLeases(Endpoint endpoint) {
        List<String> offered = endpoint.protocols();
        return offered.contains(H2) || isPriorKnowledge(endpoint) ? options.maxStreams() : 1;
    }

    private static boolean isPriorKnowledge(Endpoint endpoint) {
        return endpoint.scheme().equals(H2_SCHEME);
    }
}
