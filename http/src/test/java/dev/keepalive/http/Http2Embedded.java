package dev.keepalive.http;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import dev.keepalive.netty.testkit.ScriptedPeer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Exchanges over HTTP/2 without sockets, and with a clock that the test moves. */
final class Http2Embedded implements AutoCloseable {
    final EmbeddedConnector<HttpConnection> server;
    final ConnectionManager<HttpConnection> manager;
    final Endpoint endpoint = Endpoint.parse("h2c://server.example:80");

    Http2Embedded(HttpOptions options) {
        server = EmbeddedConnector.of(new HttpProtocol(options));
        manager = server.managerBuilder().maxOpen(2).build();
    }

    /** The next connection gets these SETTINGS at once. */
    ScriptedPeer nextPeer(int... settings) {
        return server.nextPeer()
                .send(Http2TestPeer.frame(Http2TestPeer.SETTINGS, 0, 0, Http2TestPeer.settingsPayload(settings)));
    }

    TestExchange get() {
        Lease<HttpConnection> lease = manager.acquire(endpoint).getNow(null);
        if (lease == null) {
            throw new IllegalStateException("no connection takes it: " + manager.snapshot());
        }
        TestExchange exchange = new TestExchange();
        RequestHead head = new RequestHead("GET", "http", "server.example", "/", new HeaderFields(), false);
        exchange.begin(lease, head, TestBody.NONE);
        return exchange;
    }

    /** A whole response, in one piece. */
    static byte[] response(int stream, String body) {
        return Http2TestPeer.join(
                Http2TestPeer.frame(
                        Http2TestPeer.HEADERS,
                        Http2TestPeer.END_HEADERS,
                        stream,
                        Http2TestPeer.block(":status", "200")),
                Http2TestPeer.frame(Http2TestPeer.DATA, Http2TestPeer.END_STREAM, stream, Http2TestPeer.bytes(body)));
    }

    /** The answer to the PING with this number, which counts up from 1. */
    static byte[] pingAnswer(int number) {
        return Http2TestPeer.frame(Http2TestPeer.PING, Http2TestPeer.ACK, 0, ping(number));
    }

    /** How many PINGs the client has sent with this number. */
    static int pings(ScriptedPeer peer, int number) {
        String frame = new String(Http2TestPeer.frame(Http2TestPeer.PING, 0, 0, ping(number)), StandardCharsets.UTF_8);
        return peer.received().split(Pattern.quote(frame), -1).length - 1;
    }

    private static byte[] ping(int number) {
        return Http2TestPeer.join(new byte[4], Http2TestPeer.number(number));
    }

    @Override
    public void close() {
        manager.close();
    }
}
