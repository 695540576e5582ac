package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests and responses with each kind of body, by {@code send} and {@code sendAsync}. */
@Timeout(60)
class ClientExchangeTest {
    private final EchoServer server = EchoServer.start();
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        client.shutdownNow();
        client.close();
        server.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.uri(path));
    }

    private HttpRequest post(HttpRequest.BodyPublisher publisher) {
        return request("/echo").POST(publisher).build();
    }

    @Test
    void aBlockingSendGivesTheResponse() throws Exception {
        HttpResponse<String> response = client.send(request("/hello").build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("GET /hello");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(response.uri()).isEqualTo(server.uri("/hello"));
        assertThat(response.request().method()).isEqualTo("GET");
        assertThat(response.headers().firstValue("content-length")).contains("10");
        assertThat(response.sslSession()).isEmpty();
        assertThat(response.previousResponse()).isEmpty();
    }

    @Test
    void anAsynchronousSendGivesTheResponse() throws Exception {
        HttpResponse<String> response = client.sendAsync(request("/hello").build(), BodyHandlers.ofString())
                .get(20, TimeUnit.SECONDS);

        assertThat(response.body()).isEqualTo("GET /hello");
    }

    @Test
    void theResultOfACallCannotBeChanged() throws Exception {
        CompletableFuture<HttpResponse<String>> call =
                client.sendAsync(request("/hello").build(), BodyHandlers.ofString());

        assertThatThrownBy(() -> call.obtrudeValue(null)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> call.obtrudeException(new IOException()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(call.get(20, TimeUnit.SECONDS).body()).isEqualTo("GET /hello");
    }

    @Test
    void requestsOneAfterTheOtherUseOneConnection() throws Exception {
        for (int i = 0; i < 5; i++) {
            client.send(request("/" + i).build(), BodyHandlers.ofString());
        }

        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void everyPublisherOfTheJdkIsSent() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "of a file");
        byte[] large = "0123456789abcdef".repeat(20_000).getBytes(StandardCharsets.US_ASCII);

        assertThat(echo(BodyPublishers.ofString("text"))).isEqualTo("text");
        assertThat(echo(BodyPublishers.ofByteArray(large))).isEqualTo(new String(large, StandardCharsets.US_ASCII));
        assertThat(echo(BodyPublishers.ofFile(file))).isEqualTo("of a file");
        assertThat(echo(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))))
                .hasSize(large.length);
        assertThat(echo(BodyPublishers.ofByteArrays(List.of(new byte[] {'a'}, new byte[0], new byte[] {'b'}))))
                .isEqualTo("ab");
        assertThat(echo(BodyPublishers.concat(BodyPublishers.ofString("one,"), BodyPublishers.ofFile(file))))
                .isEqualTo("one,of a file");
        assertThat(echo(BodyPublishers.fromPublisher(BodyPublishers.ofString("published"))))
                .isEqualTo("published");
        assertThat(echo(BodyPublishers.noBody())).isEmpty();
    }

    private String echo(HttpRequest.BodyPublisher publisher) throws Exception {
        return client.send(post(publisher), BodyHandlers.ofString()).body();
    }

    @Test
    void aBodyOfKnownLengthHasAContentLengthAndOthersAreChunked() throws Exception {
        client.send(post(BodyPublishers.ofString("four")), BodyHandlers.discarding());
        assertThat(server.lastHeaders().getFirst("Content-Length")).isEqualTo("4");

        client.send(
                post(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[3]))),
                BodyHandlers.discarding());
        assertThat(server.lastHeaders().getFirst("Content-Length")).isNull();
        assertThat(server.lastHeaders().getFirst("Transfer-Encoding")).isEqualTo("chunked");

        client.send(post(BodyPublishers.noBody()), BodyHandlers.discarding());
        assertThat(server.lastHeaders().getFirst("Content-Length")).isEqualTo("0");

        client.send(request("/").DELETE().build(), BodyHandlers.discarding());
        assertThat(server.lastHeaders().getFirst("Content-Length")).isNull();
    }

    @Test
    void everyHandlerOfTheJdkGetsTheBody() throws Exception {
        String text = "line one\nline two\n" + "x".repeat(200_000);
        HttpRequest post = post(BodyPublishers.ofString(text));
        Path file = directory.resolve("answer");

        assertThat(client.send(post, BodyHandlers.ofByteArray()).body()).hasSize(text.length());
        assertThat(client.send(post, BodyHandlers.ofFile(file)).body()).hasContent(text);
        assertThat(client.send(post, BodyHandlers.discarding()).body()).isNull();
        assertThat(client.send(post, BodyHandlers.replacing("other")).body()).isEqualTo("other");
        assertThat(client.send(post, BodyHandlers.buffering(BodyHandlers.ofString(), 1000))
                        .body())
                .isEqualTo(text);
        try (InputStream stream =
                client.send(post, BodyHandlers.ofInputStream()).body()) {
            assertThat(new String(stream.readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo(text);
        }
        try (Stream<String> lines = client.send(post, BodyHandlers.ofLines()).body()) {
            assertThat(lines.limit(2).toList()).containsExactly("line one", "line two");
        }
        List<byte[]> parts = new ArrayList<>();
        client.send(post, BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(parts::add)));
        assertThat(parts.stream().mapToInt(part -> part.length).sum()).isEqualTo(text.length());
        assertThat(collected(client.send(post, BodyHandlers.ofPublisher()).body()))
                .isEqualTo(text);
    }

    private static String collected(Flow.Publisher<List<ByteBuffer>> publisher) throws Exception {
        HttpResponse.BodySubscriber<String> subscriber =
                HttpResponse.BodySubscribers.ofString(StandardCharsets.US_ASCII);
        publisher.subscribe(subscriber);
        return subscriber.getBody().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void aBodyMayBeReadWithinGetBody() throws Exception {
        HttpRequest post = post(BodyPublishers.ofString("x".repeat(3_000_000)));
        HttpResponse.BodyHandler<Integer> handler = info -> HttpResponse.BodySubscribers.mapping(
                HttpResponse.BodySubscribers.ofInputStream(), ClientExchangeTest::count);

        assertThat(client.send(post, handler).body()).isEqualTo(3_000_000);
        assertThat(client.sendAsync(post, handler).get(20, TimeUnit.SECONDS).body())
                .isEqualTo(3_000_000);
    }

    private static int count(InputStream stream) {
        try (stream) {
            return stream.readAllBytes().length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theBuffersOfABodyAreReadOnlyAndTheListCannotBeChanged() throws Exception {
        List<String> wrong = new ArrayList<>();
        HttpRequest post = post(BodyPublishers.ofString("x".repeat(100_000)));
        client.send(
                post,
                info -> HttpResponse.BodySubscribers.fromSubscriber(new Flow.Subscriber<List<ByteBuffer>>() {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(Long.MAX_VALUE);
                    }

                    @Override
                    public void onNext(List<ByteBuffer> batch) {
                        if (!batch.stream().allMatch(ByteBuffer::isReadOnly)) {
                            wrong.add("a buffer can be written to");
                        }
                        try {
                            batch.clear();
                            wrong.add("the list can be changed");
                        } catch (UnsupportedOperationException expected) {
                            return;
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        wrong.add(failure.toString());
                    }

                    @Override
                    public void onComplete() {
                        // That is all.
                    }
                }));

        assertThat(wrong).isEmpty();
    }

    @Test
    void responsesWithoutABodyAreComplete() throws Exception {
        HttpRequest head =
                request("/hello").method("HEAD", BodyPublishers.noBody()).build();

        HttpResponse<String> response = client.send(head, BodyHandlers.ofString());
        assertThat(response.body()).isEmpty();
        assertThat(client.send(request("/status/204").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(204);
        assertThat(client.send(request("/status/304").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(304);
    }

    @Test
    void aBodyThatWaitsFor100ContinueIsSentAfterIt() throws Exception {
        HttpRequest post = request("/echo")
                .expectContinue(true)
                .POST(BodyPublishers.ofString("later"))
                .build();

        assertThat(client.send(post, BodyHandlers.ofString()).body()).isEqualTo("later");
    }

    @Test
    void theExecutorOfTheProgramRunsTheCallbacks() throws Exception {
        List<String> threads = new ArrayList<>();
        Executor executor = task -> new Thread(task, "of-the-program").start();
        try (KeepaliveHttpClient other =
                KeepaliveHttpClient.newBuilder().executor(executor).build()) {
            CompletableFuture<HttpResponse<String>> future =
                    other.sendAsync(request("/hello").build(), info -> {
                        threads.add(Thread.currentThread().getName());
                        return HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8);
                    });
            assertThat(future.get(20, TimeUnit.SECONDS).body()).isEqualTo("GET /hello");
        }

        assertThat(threads).containsExactly("of-the-program");
    }
}
