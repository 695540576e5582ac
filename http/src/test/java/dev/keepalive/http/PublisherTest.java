package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Publishers that keep their contract, and those that do not. */
@Timeout(60)
class PublisherTest {
    private final EchoServer server = EchoServer.start();
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();

    @AfterEach
    void close() {
        client.shutdownNow();
        client.close();
        server.close();
    }

    /** Publishes single bytes, at most one for each time that it is asked, then ends as told. */
    private static final class Bytes implements BodyPublisher {
        private final long length;
        private final int count;
        private final Runnable before;
        private final Throwable failure;
        private final boolean ends;
        final AtomicInteger cancelled = new AtomicInteger();

        Bytes(long length, int count, Throwable failure, boolean ends, Runnable before) {
            this.length = length;
            this.count = count;
            this.failure = failure;
            this.ends = ends;
            this.before = before;
        }

        static Bytes complete(long length, int count) {
            return new Bytes(length, count, null, true, () -> {});
        }

        @Override
        public long contentLength() {
            return length;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            before.run();
            AtomicInteger sent = new AtomicInteger();
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long parts) {
                    if (sent.getAndIncrement() < count) {
                        subscriber.onNext(ByteBuffer.wrap(new byte[] {'x'}));
                    } else if (failure != null) {
                        subscriber.onError(failure);
                    } else if (ends) {
                        subscriber.onComplete();
                    }
                }

                @Override
                public void cancel() {
                    cancelled.incrementAndGet();
                }
            });
        }
    }

    private String send(BodyPublisher publisher) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.uri("/echo")).POST(publisher).build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    private void assertUsable() throws Exception {
        assertThat(send(BodyPublishers.ofString("still"))).isEqualTo("still");
    }

    @Test
    void aPublisherOfTheProgramIsAskedForOnePartAfterTheOther() throws Exception {
        assertThat(send(Bytes.complete(5, 5))).isEqualTo("xxxxx");
        assertThat(send(Bytes.complete(-1, 5))).isEqualTo("xxxxx");
        assertThat(send(Bytes.complete(-1, 0))).isEmpty();
    }

    @Test
    void tooFewBytesFailTheCall() throws Exception {
        assertThatThrownBy(() -> send(Bytes.complete(3, 1)))
                .isInstanceOf(IOException.class)
                .hasMessage("Too few bytes returned by the publisher. Expected: 3, got: 1");
        assertUsable();
    }

    @Test
    void tooManyBytesFailTheCall() throws Exception {
        // In one part: a server may answer as soon as it has as many bytes as were promised.
        assertThatThrownBy(() -> send(BodyPublishers.fromPublisher(BodyPublishers.ofString("xxxxx"), 3)))
                .isInstanceOf(IOException.class)
                .hasMessage("Too many bytes in request body. Expected: 3, got: 5");
        assertUsable();
    }

    @Test
    void aFailureOfThePublisherFailsTheCall() throws Exception {
        Bytes failing = new Bytes(3, 1, new IllegalStateException("no more"), false, () -> {});
        assertThatThrownBy(() -> send(failing))
                .isInstanceOf(IOException.class)
                .hasMessage("no more")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertUsable();
    }

    @Test
    void aPublisherThatThrowsFailsTheCall() throws Exception {
        Bytes throwing = new Bytes(3, 3, null, true, () -> {
            throw new IllegalStateException("in subscribe");
        });
        assertThatThrownBy(() -> send(throwing)).isInstanceOf(IOException.class).hasMessage("in subscribe");
        assertUsable();
    }

    @Test
    void aPublisherThatDoesNotGoOnIsCancelledByTheTimeout() throws Exception {
        Bytes stuck = new Bytes(3, 1, null, false, () -> {});
        HttpRequest request = HttpRequest.newBuilder(server.uri("/echo"))
                .timeout(Duration.ofMillis(200))
                .POST(stuck)
                .build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        Awaitility.await().until(() -> stuck.cancelled.get() == 1);
    }

    @Test
    void aResponseComesWhileTheBodyIsStillBeingMade() throws Exception {
        try (ScriptedHttpServer early = ScriptedHttpServer.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
                    connection.readAll();
                });
                PipedOutputStream out = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(out)) {
            HttpRequest request = HttpRequest.newBuilder(early.uri("/"))
                    .POST(BodyPublishers.ofInputStream(() -> in))
                    .build();
            CompletableFuture<HttpResponse<String>> future = client.sendAsync(request, BodyHandlers.ofString());

            // The stream blocks until somebody writes; nobody does.
            assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("early");
        }
    }

    private static RequestBody.Sink counting(AtomicInteger written) {
        return new RequestBody.Sink() {
            @Override
            public void write(ByteBuffer part) {
                written.incrementAndGet();
            }

            @Override
            public void end() {
                written.set(-1);
            }

            @Override
            public void fail(Throwable cause) {
                written.set(-2);
            }
        };
    }

    @Test
    void whatIsKeptOfAPublisherIsTwoParts() {
        // Without a connection: parts are asked for only as they are taken.
        AtomicInteger asked = new AtomicInteger();
        BodyPublisher counting =
                BodyPublishers.fromPublisher(subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                    @Override
                    public void request(long parts) {
                        asked.addAndGet((int) parts);
                        subscriber.onNext(StandardCharsets.US_ASCII.encode("part"));
                    }

                    @Override
                    public void cancel() {
                        asked.set(-1);
                    }
                }));
        PublishedBody body = new PublishedBody(counting, RequestBody.UNKNOWN, 0, Runnable::run);
        AtomicInteger written = new AtomicInteger();
        RequestBody.Sink sink = counting(written);
        body.start(sink);
        assertThat(written).hasValue(1);
        assertThat(asked).hasValue(2);
        body.more();
        assertThat(written).hasValue(2);
        assertThat(asked).hasValue(3);

        body.cancel();
        assertThat(asked).hasValue(-1);
        body.more();
        assertThat(written).hasValue(2);
    }
}
