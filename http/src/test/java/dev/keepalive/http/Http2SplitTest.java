package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.netty.testkit.ScriptedPeer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a server sends may arrive in any pieces. */
class Http2SplitTest {
    @Test
    void aResponseMayBeCutAnywhere() {
        byte[] all = response(1);
        for (int cut = 1; cut < all.length; cut++) {
            try (Http2Embedded embedded = new Http2Embedded(HttpOptions.DEFAULTS)) {
                ScriptedPeer peer = embedded.nextPeer();
                TestExchange exchange = embedded.get();
                peer.send(Arrays.copyOf(all, cut), Arrays.copyOfRange(all, cut, all.length));
                check(exchange);
            }
        }
    }

    @Test
    void everythingMayArriveByteByByte() {
        try (Http2Embedded embedded = new Http2Embedded(HttpOptions.DEFAULTS)) {
            ScriptedPeer peer = embedded.server.nextPeer().splitEvery(1);
            peer.send(Http2TestPeer.frame(Http2TestPeer.SETTINGS, 0, 0, Http2TestPeer.settingsPayload(3, 5)));
            for (int stream = 1; stream < 10; stream += 2) {
                TestExchange exchange = embedded.get();
                peer.send(response(stream));
                check(exchange);
            }
        }
    }

    private static void check(TestExchange exchange) {
        assertThat(exchange.body).isCompletedWithValue("hello, world");
        assertThat(exchange.informational).containsExactly(103);
        assertThat(exchange.fields.join().first("a")).isEqualTo("b");
        assertThat(exchange.disorder).isEmpty();
        assertThat(exchange.leaseEndedBefore).isTrue();
    }

    /** With all kinds of frames that a server sends. */
    private static byte[] response(int stream) {
        return Http2TestPeer.join(
                Http2TestPeer.frame(Http2TestPeer.SETTINGS, Http2TestPeer.ACK, 0),
                Http2TestPeer.frame(Http2TestPeer.PING, 0, 0, new byte[8]),
                Http2TestPeer.frame(
                        Http2TestPeer.HEADERS,
                        Http2TestPeer.END_HEADERS,
                        stream,
                        Http2TestPeer.block(":status", "103")),
                Http2TestPeer.frame(Http2TestPeer.HEADERS, 0, stream, Http2TestPeer.block(":status", "200")),
                Http2TestPeer.frame(
                        Http2TestPeer.CONTINUATION, Http2TestPeer.END_HEADERS, stream, Http2TestPeer.block("a", "b")),
                Http2TestPeer.frame(Http2TestPeer.WINDOW_UPDATE, 0, 0, Http2TestPeer.number(1)),
                Http2TestPeer.frame(Http2TestPeer.DATA, 0, stream, Http2TestPeer.bytes("hello, ")),
                Http2TestPeer.frame(99, 0, stream, Http2TestPeer.bytes("unknown")),
                Http2TestPeer.frame(Http2TestPeer.PRIORITY, 0, stream, new byte[5]),
                Http2TestPeer.frame(
                        Http2TestPeer.DATA,
                        Http2TestPeer.PADDED,
                        stream,
                        Http2TestPeer.join(new byte[] {2}, Http2TestPeer.bytes("world"), new byte[2])),
                Http2TestPeer.frame(
                        Http2TestPeer.HEADERS,
                        Http2TestPeer.END_HEADERS | Http2TestPeer.END_STREAM,
                        stream,
                        Http2TestPeer.block("trailer", "t")));
    }
}
