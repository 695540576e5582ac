package dev.keepalive.bench.httpclient;

import dev.keepalive.http.KeepaliveHttpClient;
import dev.keepalive.http.KeepaliveHttpClientBuilder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.jspecify.annotations.Nullable;

/** The clients with the interface of {@code java.net.http}: ours and the JDK's. */
final class JavaHttp implements HttpContender {
    private final HttpClient client;
    private final HttpRequest request;
    private final Runnable end;

    private JavaHttp(HttpClient client, HttpTarget target, Runnable end) {
        this.client = client;
        this.request = HttpRequest.newBuilder(target.uri()).build();
        this.end = end;
    }

    /** Ours, whose callbacks run on threads of its own. */
    static JavaHttp ours(HttpTarget target) {
        return ours(KeepaliveHttpClient.newBuilder(), target);
    }

    /** Ours, with an executor that runs callbacks where it is called: on the event loop. */
    static JavaHttp oursOnLoop(HttpTarget target) {
        return ours(KeepaliveHttpClient.newBuilder().executor(Runnable::run), target);
    }

    private static JavaHttp ours(KeepaliveHttpClientBuilder builder, HttpTarget target) {
        builder.maxOpenPerEndpoint(target.connections());
        KeepaliveHttpClient client =
                set(builder, target).maxOpen(target.connections()).build();
        return new JavaHttp(client, target, client::shutdownNow);
    }

    private static KeepaliveHttpClientBuilder set(KeepaliveHttpClientBuilder builder, HttpTarget target) {
        set((HttpClient.Builder) builder, target);
        return builder;
    }

    /** The JDK's. It has no limit of connections, and on JDK 17 it ends when it is collected. */
    static JavaHttp jdk(HttpTarget target) {
        HttpClient client = set(HttpClient.newBuilder(), target).build();
        return new JavaHttp(client, target, () -> {});
    }

    private static HttpClient.Builder set(HttpClient.Builder builder, HttpTarget target) {
        if (target.tls() == null) {
            return builder.version(Version.HTTP_1_1);
        }
        return builder.version(Version.HTTP_2).sslContext(target.tls().clientContext());
    }

    @Override
    public RequestSender newSender() {
        return listener -> client.sendAsync(request, BodyHandlers.ofByteArray())
                .whenComplete((answer, failure) -> tell(listener, answer, failure));
    }

    private static void tell(
            AnswerListener listener, @Nullable HttpResponse<byte[]> answer, @Nullable Throwable failure) {
        if (answer == null) {
            listener.failed(failure == null ? new NullPointerException("no answer") : failure);
        } else {
            listener.answered(answer.statusCode(), answer.body().length);
        }
    }

    @Override
    public BlockingRequest newBlockingRequest(HttpTarget target) {
        return () -> {
            HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
            target.check(answer.statusCode(), answer.body().length);
        };
    }

    @Override
    public void close() {
        end.run();
    }
}
