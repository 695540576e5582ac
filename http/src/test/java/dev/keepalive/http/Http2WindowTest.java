package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Flow control of responses: the server keeps to the windows, so one that is not given back blocks it for ever. */
class Http2WindowTest {
    private static final int STREAM = 100_000;
    private static final int CONNECTION = 250_000;
    private static final int FRAME = 16_000;
    private static final int DEFAULT = 65_535;
    private static final HttpOptions OPTIONS = Http2TestClient.options(10, STREAM, CONNECTION);

    /** A server that sends as much as the windows allow. */
    private static final class Sender {
        private final Http2TestPeer peer;
        private final Map<Integer, Integer> windows = new HashMap<>();
        private final List<Integer> resets = new ArrayList<>();

        Sender(ScriptedHttpServer.Connection connection) throws IOException {
            peer = Http2TestPeer.greet(connection);
            windows.put(0, DEFAULT);
        }

        int awaitRequest() throws IOException {
            while (true) {
                Http2TestPeer.Frame frame = take();
                if (frame.is(Http2TestPeer.HEADERS)) {
                    windows.put(frame.stream(), STREAM);
                    peer.headers(frame.stream(), false, ":status", "200");
                    return frame.stream();
                }
            }
        }

        private Http2TestPeer.Frame take() throws IOException {
            Http2TestPeer.Frame frame = peer.next();
            if (frame.is(Http2TestPeer.WINDOW_UPDATE)) {
                windows.merge(frame.stream(), frame.number(), Integer::sum);
            } else if (frame.is(Http2TestPeer.RST_STREAM)) {
                resets.add(frame.stream());
            }
            return frame;
        }

        void awaitReset(int stream) throws IOException {
            while (!resets.contains(stream)) {
                take();
            }
        }

        /** Sends so many bytes, waiting for the windows. */
        void send(int stream, int bytes) throws IOException {
            for (int left = bytes; left > 0; ) {
                int now = Math.min(Math.min(left, FRAME), Math.min(windows.get(0), windows.get(stream)));
                if (now > 0) {
                    peer.data(stream, false, "x".repeat(now));
                    windows.merge(0, -now, Integer::sum);
                    windows.merge(stream, -now, Integer::sum);
                    left -= now;
                } else {
                    take();
                }
            }
        }

        void end(int stream) throws IOException {
            peer.data(stream, true, "");
        }
    }

    @Test
    void aReaderThatTakesNothingStopsTheServerAtTheWindow() throws Exception {
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Sender sender = new Sender(connection);
                    int stream = sender.awaitRequest();
                    sender.send(stream, STREAM);
                    blocked.complete(null);
                    sender.send(stream, 2 * STREAM);
                    sender.end(stream);
                    sender.peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port(), OPTIONS, 1)) {
            TestExchange exchange =
                    client.send(client.request("GET", "/", false), TestBody.NONE, new TestExchange(false));
            Http2TestClient.get(blocked);
            await().until(() -> exchange.received == STREAM);
            HttpExchangeControl control = exchange.awaitControl();
            int taken = 0;
            while (taken < 3 * STREAM) {
                int now = exchange.received - taken;
                // In small steps: none of them alone is worth an update.
                for (int left = now; left > 0; left -= 100) {
                    control.consumed(Math.min(left, 100));
                }
                taken += now;
            }
            assertThat(exchange.awaitBody()).hasSize(3 * STREAM);
        }
    }

    @Test
    void whatIsNotTakenIsGivenBackWhenTheExchangeEnds() throws Exception {
        int rounds = 12;
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Sender sender = new Sender(connection);
                    for (int i = 0; i < rounds; i++) {
                        int stream = sender.awaitRequest();
                        sender.send(stream, STREAM / 2);
                        if (i % 3 == 2) {
                            sender.end(stream);
                        } else {
                            sender.awaitReset(stream);
                            // What was under way when the stream was reset: padding, too.
                            sender.send(stream, STREAM / 2);
                            sender.peer.send(Http2TestPeer.DATA, Http2TestPeer.PADDED, stream, padding(100));
                            sender.windows.merge(0, -101, Integer::sum);
                        }
                    }
                    sender.peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port(), OPTIONS, 1)) {
            for (int i = 0; i < rounds; i++) {
                TestExchange exchange =
                        client.send(client.request("GET", "/", false), TestBody.NONE, new TestExchange(false));
                await().until(() -> exchange.received == STREAM / 2);
                if (i % 3 == 0) {
                    exchange.awaitControl().cancel(false);
                } else if (i % 3 == 1) {
                    exchange.awaitControl().discard();
                } else {
                    exchange.awaitBody();
                }
            }
        }
    }

    private static byte[] padding(int length) {
        byte[] payload = new byte[length + 1];
        payload[0] = (byte) length;
        return payload;
    }

    @Test
    void paddingIsGivenBackAtOnce() throws Exception {
        int rounds = 1_000;
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Sender sender = new Sender(connection);
                    int stream = sender.awaitRequest();
                    for (int i = 0; i < rounds; i++) {
                        while (sender.windows.get(stream) < 257 || sender.windows.get(0) < 257) {
                            sender.take();
                        }
                        byte[] payload = padding(255);
                        byte[] withText = new byte[payload.length + 1];
                        withText[0] = payload[0];
                        sender.peer.send(Http2TestPeer.DATA, Http2TestPeer.PADDED, stream, withText);
                        sender.windows.merge(stream, -257, Integer::sum);
                        sender.windows.merge(0, -257, Integer::sum);
                    }
                    sender.end(stream);
                    sender.peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port(), OPTIONS, 1)) {
            TestExchange exchange =
                    client.send(client.request("GET", "/", false), TestBody.NONE, new TestExchange(false));
            assertThat(exchange.awaitBody()).hasSize(rounds);
        }
    }

    /**
     * Small parts that were taken are kept together; with all streams in such a state the connection must not block.
     */
    @Test
    void manyStreamsThatKeepALittleDoNotBlockTheConnection() throws Exception {
        int count = 10;
        HttpOptions wide = Http2TestClient.options(count, 2 * STREAM, CONNECTION);
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Sender sender = new Sender(connection);
                    List<Integer> streams = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        streams.add(sender.awaitRequest());
                    }
                    for (int i = 0; i < 30; i++) {
                        for (int stream : streams) {
                            sender.send(stream, 5_000);
                        }
                    }
                    for (int stream : streams) {
                        sender.end(stream);
                    }
                    sender.peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port(), wide, 1)) {
            List<TestExchange> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(client.get("/" + i));
            }
            for (TestExchange each : all) {
                assertThat(each.awaitBody()).hasSize(30 * 5_000);
            }
        }
    }
}
