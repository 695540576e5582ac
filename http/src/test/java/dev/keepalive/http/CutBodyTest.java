package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A body that has been cut off before the program has the response: who has a body gets it nevertheless. */
@Timeout(60)
class CutBodyTest {
    private static final int SENT = 1_000;
    /** One, so that the client has heard of all that came before a later response. */
    private static final EventLoopGroup LOOP = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private ScenarioServer server;
    private KeepaliveHttpClient client;

    @AfterAll
    static void end() {
        LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void start(HttpClient.Version version) throws Exception {
        server = version == HttpClient.Version.HTTP_2
                ? ScenarioServer.tls(TestTls.server("h2"))
                : ScenarioServer.clear();
        client = KeepaliveHttpClient.newBuilder()
                .version(version)
                .sslContext(TestTls.trusting())
                .connector(connector -> connector.eventLoopGroup(LOOP))
                .build();
    }

    @AfterEach
    void close() throws Exception {
        client.shutdownNow();
        server.close();
    }

    private HttpRequest cut() {
        return HttpRequest.newBuilder(server.uri("/cut/" + SENT)).build();
    }

    /** Gives this subscriber once the client has heard of the end of the body. */
    private <T> BodyHandler<T> late(BodyHandler<T> handler) {
        return head -> {
            try {
                HttpRequest other =
                        HttpRequest.newBuilder(server.uri("/body/1")).build();
                if (head.version() == HttpClient.Version.HTTP_1_1) {
                    await().until(() -> client.connections().snapshot().all().open() == 0);
                }
                client.send(other, BodyHandlers.discarding());
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return handler.apply(head);
        };
    }

    @ParameterizedTest
    @EnumSource
    void aStreamIsGivenAndFails(HttpClient.Version version) throws Exception {
        start(version);
        for (HttpResponse<InputStream> response : List.of(
                client.send(cut(), late(BodyHandlers.ofInputStream())),
                client.sendAsync(cut(), late(BodyHandlers.ofInputStream())).get(30, TimeUnit.SECONDS))) {
            assertThat(response.statusCode()).isEqualTo(200);
            assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void linesAreGivenAndFail(HttpClient.Version version) throws Exception {
        start(version);
        Stream<String> lines = client.send(cut(), late(BodyHandlers.ofLines())).body();

        assertThatThrownBy(lines::toList).hasCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aPublisherIsGivenAndFails(HttpClient.Version version) throws Exception {
        start(version);
        Flow.Publisher<List<ByteBuffer>> publisher =
                client.send(cut(), late(BodyHandlers.ofPublisher())).body();
        BodySubscriber<byte[]> reader = BodySubscribers.ofByteArray();
        publisher.subscribe(reader);

        assertThatThrownBy(() -> reader.getBody().toCompletableFuture().get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aStringIsNotGiven(HttpClient.Version version) throws Exception {
        start(version);
        assertThatThrownBy(() -> client.send(cut(), late(BodyHandlers.ofString())))
                .isInstanceOf(IOException.class);
    }

    /** Its body is what it was told. */
    private static final class Counter implements BodySubscriber<String> {
        private final CompletableFuture<String> body;
        private int bytes;

        Counter(CompletableFuture<String> body) {
            this.body = body;
        }

        @Override
        public CompletionStage<String> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            parts.forEach(part -> bytes += part.remaining());
        }

        @Override
        public void onError(Throwable failure) {
            body.complete(bytes + " and " + (failure instanceof IOException));
        }

        @Override
        public void onComplete() {
            body.complete("whole");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberMayMakeABodyOfWhatHasCome(HttpClient.Version version) throws Exception {
        start(version);
        for (BodyHandler<String> handler : List.<BodyHandler<String>>of(
                head -> new Counter(new CompletableFuture<>()), late(head -> new Counter(new CompletableFuture<>())))) {
            assertThat(client.send(cut(), handler).body()).isEqualTo(SENT + " and true");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberWithoutABodyFailsTheCall(HttpClient.Version version) throws Exception {
        start(version);
        for (BodyHandler<String> handler : List.<BodyHandler<String>>of(
                head -> new Counter(new Endless()), late(head -> new Counter(new Endless())))) {
            assertThatThrownBy(() -> client.send(cut(), handler)).isInstanceOf(IOException.class);
        }
    }

    /** A body that never comes. */
    private static final class Endless extends CompletableFuture<String> {
        @Override
        public boolean complete(String value) {
            return false;
        }
    }
}
