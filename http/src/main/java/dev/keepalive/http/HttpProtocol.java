package dev.keepalive.http;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import java.io.IOException;

/** HTTP as TLS has negotiated it: HTTP/2 on a connection that exchanges share, or HTTP/1.1. Safe from any thread. */
final class HttpProtocol implements Protocol<HttpConnection> {
    static final String H2 = "h2";
    static final String HTTP_1_1 = "http/1.1";

    /** Marks an endpoint in the clear whose server is known to speak HTTP/2. */
    static final String H2_SCHEME = "h2c";

    /** For how many endpoints it is remembered what their servers have chosen. */
    private static final int MOST_REMEMBERED = 1_024;

    private final HttpOptions options;

    /** Endpoints with HTTP/2 on offer whose servers have chosen HTTP/1.1. */
    private final EndpointSet declined = new EndpointSet(MOST_REMEMBERED);

    HttpProtocol(HttpOptions options) {
        this.options = options;
    }

    @Override
    public Session<HttpConnection> install(ProtocolContext context) throws Exception {
        String chosen = context.applicationProtocol();
        if (H2.equals(chosen) || isPriorKnowledge(context.endpoint())) {
            declined.remove(context.endpoint());
            return Http2Session.install(context, options);
        }
        if (chosen != null && !chosen.startsWith("http/1.")) {
            throw new IOException("the server chose the protocol '" + chosen + "', not one of h2 and http/1.1");
        }
        if (offersHttp2(context.endpoint())) {
            declined.add(context.endpoint());
        }
        return Http1Session.install(context, options);
    }

    /** As many as options allow, if HTTP/2 is on offer; 1 if the server has chosen HTTP/1.1 the last time. */
    @Override
    public int expectedLeases(Endpoint endpoint) {
        return offersHttp2(endpoint) && !declined.contains(endpoint) ? options.maxStreams() : 1;
    }

    private static boolean offersHttp2(Endpoint endpoint) {
        return endpoint.protocols().contains(H2) || isPriorKnowledge(endpoint);
    }

    private static boolean isPriorKnowledge(Endpoint endpoint) {
        return endpoint.scheme().equals(H2_SCHEME);
    }
}
