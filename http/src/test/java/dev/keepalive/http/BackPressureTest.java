package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A reader that is slower than the writer: what is on the way between them is bounded, in both directions. The bodies
 * have {@code http.body.mib} MiB; with 1,024 or more, the heap is looked at too.
 */
class BackPressureTest {
    private static final long MIB = 1 << 20;
    private static final long LENGTH = Long.getLong("http.body.mib", 64) * MIB;

    /** With what the system keeps for a socket on both sides, which is most of it. */
    private static final long MOST_ON_THE_WAY = 8 * MIB;

    private static final long LONG_BODY = 1_024 * MIB;
    private static final int STOPS = 8;

    private static ScenarioServer server(HttpClient.Version version) throws Exception {
        return version == HttpClient.Version.HTTP_2
                ? ScenarioServer.tls(TestTls.server("h2", "http/1.1"))
                : ScenarioServer.clear();
    }

    private static KeepaliveHttpClient client(HttpClient.Version version) {
        return KeepaliveHttpClient.newBuilder()
                .version(version)
                .sslContext(TestTls.trusting())
                .build();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aSlowSubscriberStopsTheServer(HttpClient.Version version) throws Exception {
        try (ScenarioServer server = server(version);
                KeepaliveHttpClient client = client(version)) {
            long before = usedHeap();
            HttpRequest request =
                    HttpRequest.newBuilder(server.uri("/flood/" + LENGTH)).build();
            SlowReader reader = new SlowReader(server);
            CompletableFuture<HttpResponse<Long>> response = client.sendAsync(request, info -> reader);
            for (int stop = 0; stop < STOPS; stop++) {
                reader.awaitStop(stop);
                awaitStandstill(server.written());
                assertThat(server.written().get() - reader.consumed.get())
                        .as("bytes on the way at stop %d", stop)
                        .isLessThan(MOST_ON_THE_WAY);
                assertHeap(before);
                reader.goOn();
            }
            assertThat(response.get(5, TimeUnit.MINUTES).body()).isEqualTo(LENGTH);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aServerThatDoesNotReadStopsThePublisher(HttpClient.Version version) throws Exception {
        try (ScenarioServer server = server(version);
                KeepaliveHttpClient client = client(version)) {
            long before = usedHeap();
            Producer producer = new Producer();
            HttpRequest request =
                    HttpRequest.newBuilder(server.uri("/deaf")).POST(producer).build();
            CompletableFuture<HttpResponse<String>> response = client.sendAsync(request, BodyHandlers.ofString());
            server.awaitDeaf();
            awaitStandstill(producer.produced);
            assertThat(producer.produced.get()).as("bytes on the way").isBetween(1L, MOST_ON_THE_WAY);
            assertHeap(before);
            server.hear();
            assertThat(response.get(5, TimeUnit.MINUTES).body()).isEqualTo("heard " + LENGTH);
            assertThat(producer.produced.get()).isEqualTo(LENGTH);
        }
    }

    /**
     * Returns when the count did not grow for a while. If it grows later all the same, the test sees less, not more.
     */
    private static void awaitStandstill(AtomicLong count) {
        AtomicLong seen = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofMinutes(2))
                .until(() -> count.get() > 0 && seen.getAndSet(count.get()) == count.get());
    }

    private static long usedHeap() {
        if (LENGTH < LONG_BODY) {
            return 0;
        }
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void assertHeap(long before) {
        assertThat(usedHeap() - before).as("growth of the heap").isLessThan(MOST_ON_THE_WAY);
    }

    /** Stops eight times, and goes on when it is told to. Asks for one buffer at a time. */
    private static final class SlowReader implements BodySubscriber<Long> {
        private final CompletableFuture<Long> body = new CompletableFuture<>();
        private final AtomicLong consumed = new AtomicLong();
        private final ScenarioServer server;
        private volatile Flow.Subscription subscription;
        private volatile int stops;

        SlowReader(ScenarioServer server) {
            this.server = server;
        }

        void awaitStop(int stop) {
            await().atMost(Duration.ofMinutes(2)).until(() -> stops == stop + 1 || body.isDone());
            assertThat(body).isNotDone();
            assertThat(server.openConnections()).isEqualTo(1);
        }

        void goOn() {
            subscription.request(1);
        }

        @Override
        public CompletionStage<Long> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            stops = 1;
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            long size = item.stream().mapToLong(ByteBuffer::remaining).sum();
            if (consumed.addAndGet(size) >= stops * (LENGTH / STOPS) && stops < STOPS) {
                stops++;
            } else {
                subscription.request(1);
            }
        }

        @Override
        public void onError(Throwable thrown) {
            body.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            body.complete(consumed.get());
        }
    }

    /** Publishes as much as it is asked for, on the thread that asks. */
    private static final class Producer implements BodyPublisher {
        private static final int PART = 64 * 1024;
        private final AtomicLong produced = new AtomicLong();

        @Override
        public long contentLength() {
            return LENGTH;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            subscriber.onSubscribe(new Flow.Subscription() {
                private long asked;
                private boolean busy;

                @Override
                public void request(long n) {
                    asked += n;
                    if (busy) {
                        return;
                    }
                    busy = true;
                    while (asked > 0 && produced.get() < LENGTH) {
                        asked--;
                        produced.addAndGet(PART);
                        subscriber.onNext(ByteBuffer.wrap(new byte[PART]));
                        if (produced.get() == LENGTH) {
                            subscriber.onComplete();
                        }
                    }
                    busy = false;
                }

                @Override
                public void cancel() {
                    asked = Long.MIN_VALUE / 2;
                }
            });
        }
    }
}
