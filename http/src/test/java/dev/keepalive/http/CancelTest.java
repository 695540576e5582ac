package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cancelling a future ends the exchange, and so does interrupting a blocking call. */
@Timeout(60)
class CancelTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    /** Says when the client has closed the connection. */
    private final ScriptedHttpServer silent = ScriptedHttpServer.start(connection -> {
        connection.readHead();
        asked.countDown();
        connection.readAll();
        ended.countDown();
    });

    private final ScriptedHttpServer late = ScriptedHttpServer.start(connection -> {
        connection.readHead();
        asked.countDown();
        answer.await();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();

    @AfterEach
    void close() throws Exception {
        client.shutdownNow();
        client.close();
        silent.close();
        late.close();
    }

    private CompletableFuture<HttpResponse<String>> send(ScriptedHttpServer server) throws Exception {
        CompletableFuture<HttpResponse<String>> future =
                client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        return future;
    }

    @Test
    void cancellingTheFutureEndsTheExchange() throws Exception {
        CompletableFuture<HttpResponse<String>> future = send(silent);

        assertThat(future.cancel(true)).isTrue();
        assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cancellingADependentFutureEndsTheExchange() throws Exception {
        CompletableFuture<HttpResponse<String>> future = send(silent);
        CompletableFuture<String> dependent =
                future.thenApply(HttpResponse::body).thenApply(String::trim).whenComplete((body, failure) -> {});

        assertThat(dependent.cancel(true)).isTrue();
        assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(CancellationException.class)
                .hasRootCauseInstanceOf(IOException.class)
                .hasMessageContaining("Request cancelled");
        assertThat(future.isCancelled()).isFalse();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void withoutInterruptingTheExchangeGoesOn() throws Exception {
        CompletableFuture<HttpResponse<String>> future = send(late);
        CompletableFuture<String> dependent = future.thenApply(HttpResponse::body);

        assertThat(dependent.cancel(false)).isTrue();
        answer.countDown();
        assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
    }

    @Test
    void aCallThatWaitsForAConnectionIsCancelled() throws Exception {
        try (KeepaliveHttpClient one =
                KeepaliveHttpClient.newBuilder().maxOpenPerEndpoint(1).build()) {
            HttpRequest request = HttpRequest.newBuilder(late.uri("/")).build();
            CompletableFuture<HttpResponse<String>> first = one.sendAsync(request, BodyHandlers.ofString());
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<HttpResponse<String>> second = one.sendAsync(request, BodyHandlers.ofString());

            assertThat(second.cancel(true)).isTrue();
            Awaitility.await()
                    .until(() -> one.connections().snapshot().toString().contains("0 waiting"));
            answer.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        }
    }

    @Test
    void anInterruptEndsABlockingCall() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                client.send(HttpRequest.newBuilder(silent.uri("/")).build(), BodyHandlers.ofString());
            } catch (IOException | InterruptedException e) {
                thrown.set(e);
            }
        });
        caller.start();
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        caller.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closingTheStreamOfABodyEndsTheExchange() throws Exception {
        try (ScriptedHttpServer endless = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nbegun");
            connection.readAll();
            ended.countDown();
        })) {
            InputStream body = client.send(
                            HttpRequest.newBuilder(endless.uri("/")).build(), BodyHandlers.ofInputStream())
                    .body();
            assertThat(body.read()).isEqualTo('b');
            body.close();

            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
