package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One case on one client. Its outcome is a text that can be compared. */
final class DifferentialRun implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    /** What a case is run with. */
    enum Scene {
        /** HTTP/1.1 in the clear. */
        CLEAR(HttpClient.Version.HTTP_1_1),
        /** HTTP/1.1 with TLS. */
        TLS(HttpClient.Version.HTTP_1_1),
        /** HTTP/2 with TLS. */
        HTTP2(HttpClient.Version.HTTP_2);

        final HttpClient.Version version;

        Scene(HttpClient.Version version) {
            this.version = version;
        }
    }

    /** Does something with a client, and notes what comes of it. */
    interface Action {
        void run(DifferentialRun run) throws Exception;
    }

    final Scene scene;
    final DifferentialServers servers;
    private final Supplier<HttpClient.Builder> builders;
    private final List<HttpClient> clients = new ArrayList<>();
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private @Nullable HttpClient first;
    private boolean requestsAreNoted = true;

    DifferentialRun(Supplier<HttpClient.Builder> builders, Scene scene, DifferentialServers servers) {
        this.builders = builders;
        this.scene = scene;
        this.servers = servers;
    }

    // ---- clients and requests

    /** A builder for this scene. */
    HttpClient.Builder builder() {
        return bareBuilder().version(scene.version).sslContext(servers.trusting());
    }

    /** A builder as it comes. */
    HttpClient.Builder bareBuilder() {
        return builders.get();
    }

    HttpClient build(HttpClient.Builder builder) {
        HttpClient client = builder.build();
        clients.add(client);
        return client;
    }

    /** The client of this run, for cases that need no special one. */
    HttpClient client() {
        if (first == null) {
            first = build(builder());
        }
        return first;
    }

    /** Uses this client for the requests that follow. */
    void use(HttpClient.Builder builder) {
        first = build(builder);
    }

    ScenarioServer server() {
        return scene == Scene.CLEAR ? servers.clear() : servers.tls();
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server().uri(path));
    }

    HttpRequest get(String path) {
        return to(path).build();
    }

    HttpRequest post(String path, HttpRequest.BodyPublisher publisher) {
        return to(path).POST(publisher).build();
    }

    // ---- exchanges

    /** Sends it, and notes the response or the exception; null if there was an exception. */
    <T> @Nullable HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        try {
            HttpResponse<T> response = client().send(request, handler);
            note("response " + described(response));
            note("body " + describe(response.body()));
            return response;
        } catch (Throwable thrown) {
            note("send threw " + describe(thrown));
            return null;
        }
    }

    @Nullable
    HttpResponse<String> send(HttpRequest request) {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The same by {@code sendAsync}. */
    <T> void sendAsync(HttpRequest request, BodyHandler<T> handler) {
        try {
            await(client().sendAsync(request, handler));
        } catch (Throwable thrown) {
            note("sendAsync threw " + describe(thrown));
        }
    }

    <T> void await(CompletableFuture<HttpResponse<T>> future) {
        try {
            HttpResponse<T> response = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            note("response " + described(response));
            note("body " + describe(response.body()));
        } catch (Throwable thrown) {
            note("future threw " + describe(thrown));
        }
    }

    /** Runs what may throw, and notes the result or the exception. */
    void attempt(String what, java.util.concurrent.Callable<?> call) {
        try {
            note(what + " " + describe(call.call()));
        } catch (Throwable thrown) {
            note(what + " threw " + describe(thrown));
        }
    }

    void note(String text) {
        notes.add(text);
    }

    /** The requests that the servers saw are no part of the outcome. */
    void ignoreRequests() {
        requestsAreNoted = false;
    }

    String outcome() {
        if (requestsAreNoted) {
            Stream.of(servers.clear(), servers.tls())
                    .flatMap(server -> server.takeSeen().stream())
                    .forEach(seen -> note("saw " + seen));
        }
        return servers.withoutPorts(String.join("\n", notes));
    }

    // ---- descriptions

    private static String described(HttpResponse<?> response) {
        StringBuilder text = new StringBuilder();
        response.previousResponse()
                .ifPresent(previous ->
                        text.append("[after ").append(described(previous)).append("] "));
        text.append(response.statusCode()).append(' ').append(response.version());
        text.append(' ').append(response.request().method()).append(' ').append(response.uri());
        response.headers().map().forEach((name, values) -> {
            // Older JDKs have :status among the fields.
            if (!name.equalsIgnoreCase("date") && !name.startsWith(":")) {
                text.append("; ").append(name).append('=').append(values);
            }
        });
        return text.append(response.sslSession().isPresent() ? "; tls" : "").toString();
    }

    static String describe(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return Described.bytes(bytes);
        }
        if (value instanceof String text) {
            return Described.text(text);
        }
        if (value instanceof Throwable thrown) {
            return describe(thrown);
        }
        try {
            if (value instanceof InputStream stream) {
                return "stream " + Described.bytes(stream.readAllBytes());
            }
            if (value instanceof Path path) {
                return "file " + path.getFileName() + " " + Described.bytes(Files.readAllBytes(path));
            }
        } catch (Exception failed) {
            return "reading threw " + describe(failed);
        }
        try {
            return value instanceof Stream<?> lines ? lines.toList().toString() : String.valueOf(value);
        } catch (Exception failed) {
            return "lines threw " + describe(failed);
        }
    }

    /** The class that users can name; of a wrapper also the class inside. */
    private static String describe(Throwable thrown) {
        Class<?> type = thrown.getClass();
        while (!type.getName().startsWith("java.") && !type.getName().startsWith("javax.")) {
            type = type.getSuperclass();
        }
        boolean wraps = thrown instanceof ExecutionException || thrown instanceof CompletionException;
        Throwable cause = thrown.getCause();
        return wraps && cause != null ? type.getSimpleName() + " of " + describe(cause) : type.getSimpleName();
    }

    @Override
    public void close() throws Exception {
        for (HttpClient client : clients) {
            try {
                ClientMethods.shutdownNow(client);
            } catch (InvocationTargetException jdkFailed) {
                // The JDK's client may throw if calls of it are under way. Its case is over: nothing depends on it.
                assertThat(client).isNotInstanceOf(KeepaliveHttpClient.class);
            }
        }
    }
}
