package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers and subscribers that keep their contract, and those that do not. */
@Timeout(60)
class SubscriberTest {
    private final EchoServer server = EchoServer.start();
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();

    @AfterEach
    void close() {
        client.shutdownNow();
        client.close();
        server.close();
    }

    private HttpRequest request() {
        return HttpRequest.newBuilder(server.uri("/hello")).build();
    }

    /** Throws where it is told to; completes its body with what it was told. */
    private static class Told implements BodySubscriber<List<String>> {
        final List<String> told = new CopyOnWriteArrayList<>();
        final CompletableFuture<List<String>> body = new CompletableFuture<>() {
            @Override
            public CompletableFuture<List<String>> whenComplete(
                    BiConsumer<? super List<String>, ? super Throwable> action) {
                if (throwsIn.equals("whenComplete")) {
                    throw new IllegalStateException("in whenComplete");
                }
                return super.whenComplete(action);
            }
        };
        final AtomicLong bytes = new AtomicLong();
        private final String throwsIn;
        volatile Flow.Subscription subscription;

        Told(String throwsIn) {
            this.throwsIn = throwsIn;
        }

        private void tell(String what) {
            told.add(what);
            if (what.equals(throwsIn)) {
                throw new IllegalStateException("in " + what);
            }
        }

        void subscribed() {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public CompletionStage<List<String>> getBody() {
            tell("getBody");
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription itsSubscription) {
            subscription = itsSubscription;
            tell("onSubscribe");
            subscribed();
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            parts.forEach(part -> bytes.addAndGet(part.remaining()));
            tell("onNext");
        }

        @Override
        public void onError(Throwable failure) {
            tell("onError");
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            tell("onComplete");
            body.complete(told);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"onSubscribe", "onNext", "onComplete", "getBody", "whenComplete"})
    void aSubscriberThatThrowsFailsTheCall(String where) throws Exception {
        Told blocking = new Told(where);
        assertThatThrownBy(() -> client.send(request(), info -> blocking))
                .isInstanceOf(IOException.class)
                .hasMessage("in " + where)
                .hasCauseInstanceOf(IllegalStateException.class);

        Told async = new Told(where);
        assertThatThrownBy(() -> client.sendAsync(request(), info -> async).get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        if (where.startsWith("on")) {
            assertThat(async.told.stream().filter(each -> !each.equals("getBody")))
                    .endsWith("onError")
                    .containsOnlyOnce("onError");
        }
    }

    @Test
    void aHandlerThatThrowsFailsTheCall() {
        BodyHandler<String> throwing = info -> {
            throw new IllegalStateException("in the handler");
        };
        assertThatThrownBy(() -> client.send(request(), throwing))
                .isInstanceOf(IOException.class)
                .hasMessage("in the handler");
        assertThatThrownBy(() -> client.send(request(), info -> null))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NullPointerException.class)
                .hasMessageContaining("BodyHandler returned null");
    }

    @Test
    void aStageThatFailsFailsTheCallAndLetsTheConnectionGo() throws Exception {
        assertThatThrownBy(() -> client.send(
                        request(),
                        info -> BodySubscribers.mapping(BodySubscribers.ofInputStream(), stream -> {
                            throw new IllegalStateException("in the mapping");
                        })))
                .isInstanceOf(IOException.class)
                .hasMessage("in the mapping");
        Awaitility.await()
                .until(() -> client.connections().snapshot().toString().contains("0 leased"));
    }

    @Test
    void theSignalsComeInTheirOrder() throws Exception {
        // The body may be asked for at any time.
        assertThat(client.send(request(), info -> new Told("")).body())
                .filteredOn(signal -> !signal.equals("getBody"))
                .containsExactly("onSubscribe", "onNext", "onComplete");
    }

    @Test
    void aDemandThatIsNotPositiveIsAnError() {
        Told none = new Told("") {
            @Override
            void subscribed() {
                subscription.request(0);
            }
        };
        assertThatThrownBy(() -> client.send(request(), info -> none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rule 3.9");
        assertThat(none.told).doesNotContain("onNext");
    }

    /** A server whose body has no end. */
    private static ScriptedHttpServer endless(AtomicLong sent, CountDownLatch closed) throws Exception {
        return ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            byte[] part = new byte[1 << 16];
            try {
                while (true) {
                    connection.send(part);
                    sent.addAndGet(part.length);
                }
            } finally {
                closed.countDown();
            }
        });
    }

    @Test
    void nothingIsGivenBeforeItIsAskedFor() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicLong sent = new AtomicLong();
        try (ScriptedHttpServer endless = endless(sent, closed)) {
            Told slow = new Told("") {
                @Override
                void subscribed() {
                    subscription.request(1);
                }
            };
            CompletableFuture<HttpResponse<List<String>>> future =
                    client.sendAsync(HttpRequest.newBuilder(endless.uri("/")).build(), info -> slow);
            Awaitility.await().until(() -> slow.told.contains("onNext"));
            // The server goes on until the buffers are full: the socket's, and the window of the client.
            AtomicLong before = new AtomicLong(-1);
            Awaitility.await()
                    .pollInterval(200, TimeUnit.MILLISECONDS)
                    .until(() -> sent.get() == before.getAndSet(sent.get()));
            assertThat(slow.told.stream().filter("onNext"::equals)).hasSize(1);
            assertThat(slow.bytes.get()).isLessThanOrEqualTo(1 << 20);
            long kept = sent.get();
            // The client goes on to read when half of its window has been taken.
            Awaitility.await().until(() -> {
                slow.subscription.request(1);
                return sent.get() > kept;
            });
            slow.subscription.cancel();
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(slow.told).doesNotContain("onError", "onComplete");
            future.cancel(true);
        }
    }

    @Test
    void aBodyThatIsCutOffIsAnErrorAfterWhatHasCome() throws Exception {
        try (ScriptedHttpServer broken = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!");
        })) {
            Told told = new Told("");
            assertThatThrownBy(() ->
                            client.send(HttpRequest.newBuilder(broken.uri("/")).build(), info -> told))
                    .isInstanceOf(IOException.class);
            assertThat(told.bytes).hasValue(5);
            assertThat(told.told).containsSubsequence("onNext", "onError").doesNotContain("onComplete");
        }
    }

    @Test
    void aBodyThatNeverCompletesIsEndedByCancelling() throws Exception {
        CompletableFuture<HttpResponse<List<String>>> future = client.sendAsync(request(), info -> new Told("") {
            @Override
            public CompletionStage<List<String>> getBody() {
                return new CompletableFuture<>();
            }
        });
        Awaitility.await()
                .until(() -> client.connections().snapshot().toString().contains("1 idle")
                        || client.connections().snapshot().toString().contains("0 leased"));
        assertThat(future.isDone()).isFalse();
        assertThat(future.cancel(true)).isTrue();
        // Else the end of the client would wait for it.
    }

    @Test
    void signalsAreNeverTwoAtATime() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Told careful = new Told("") {
            @Override
            void subscribed() {
                subscription.request(1);
            }

            @Override
            public void onNext(List<ByteBuffer> parts) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                super.onNext(parts);
                // From another thread, too.
                CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> subscription.request(1));
                subscription.request(1);
                asked.join();
                inside.decrementAndGet();
            }
        };
        HttpRequest post = HttpRequest.newBuilder(server.uri("/echo"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[3_000_000]))
                .build();
        client.sendAsync(post, info -> careful).get(20, TimeUnit.SECONDS);

        assertThat(careful.bytes).hasValue(3_000_000);
        assertThat(most).hasValue(1);
    }
}
