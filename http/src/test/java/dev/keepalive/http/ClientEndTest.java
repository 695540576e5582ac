package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a client ends: by a call, or since it was forgotten. */
@Timeout(60)
class ClientEndTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
        connection.readHead();
        asked.countDown();
        answer.await();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        connection.readAll();
        closed.countDown();
    });

    @AfterEach
    void close() throws Exception {
        answer.countDown();
        server.close();
    }

    private static KeepaliveHttpClient named(String name) {
        return KeepaliveHttpClient.newBuilder().name(name).build();
    }

    private CompletableFuture<HttpResponse<String>> send(KeepaliveHttpClient client) throws Exception {
        CompletableFuture<HttpResponse<String>> future =
                client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        return future;
    }

    private static void awaitNoThreadsOf(String name) {
        Awaitility.await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().contains(name)));
    }

    @Test
    void whatIsUnderWayGoesOnAfterAShutdown() throws Exception {
        KeepaliveHttpClient client = named("end-1");
        CompletableFuture<HttpResponse<String>> future = send(client);
        client.shutdown();

        assertThat(client.isTerminated()).isFalse();
        assertThat(client.awaitTermination(Duration.ofMillis(1))).isFalse();
        HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(
                        () -> client.sendAsync(request, BodyHandlers.ofString()).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        answer.countDown();
        assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        assertThat(client.awaitTermination(Duration.ofSeconds(20))).isTrue();
        assertThat(client.isTerminated()).isTrue();
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        awaitNoThreadsOf("end-1");
    }

    @Test
    void shutdownNowCancelsWhatIsUnderWay() throws Exception {
        KeepaliveHttpClient client = named("end-2");
        CompletableFuture<HttpResponse<String>> future = send(client);
        client.shutdownNow();

        assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        assertThat(client.awaitTermination(Duration.ofSeconds(20))).isTrue();
        awaitNoThreadsOf("end-2");
    }

    @Test
    void closeWaitsForWhatIsUnderWay() throws Exception {
        CompletableFuture<HttpResponse<String>> future;
        try (KeepaliveHttpClient client = named("end-3")) {
            future = send(client);
            answer.countDown();
        }
        assertThat(future).isDone();
        assertThat(future.get().body()).isEqualTo("ok");
        awaitNoThreadsOf("end-3");
    }

    @Test
    void anInterruptWhileClosingCancelsWhatIsUnderWay() throws Exception {
        KeepaliveHttpClient client = named("end-4");
        CompletableFuture<HttpResponse<String>> future = send(client);
        Thread.currentThread().interrupt();
        client.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(future::get).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aClientWithoutCallsEndsAtOnce() throws Exception {
        KeepaliveHttpClient client = named("end-5");
        client.close();
        client.close();

        assertThat(client.isTerminated()).isTrue();
        assertThatThrownBy(() -> client.newWebSocketBuilder())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("WebSocket");
    }

    @Test
    void aClientThatIsForgottenIsShutDown() throws Exception {
        answer.countDown();
        WeakReference<KeepaliveHttpClient> forgotten = useAndForget();

        Awaitility.await().until(() -> {
            System.gc();
            return forgotten.get() == null;
        });
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        awaitNoThreadsOf("end-6");
    }

    private WeakReference<KeepaliveHttpClient> useAndForget() throws Exception {
        KeepaliveHttpClient client = named("end-6");
        send(client).get(20, TimeUnit.SECONDS);
        return new WeakReference<>(client);
    }

    @Test
    void theThreadsOfAClientAreDaemons() throws Exception {
        try (KeepaliveHttpClient client = named("end-7")) {
            answer.countDown();
            send(client).get(20, TimeUnit.SECONDS);
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().contains("end-7"))
                    .isNotEmpty()
                    .allMatch(Thread::isDaemon);
        }
    }
}
