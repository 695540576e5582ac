package dev.keepalive.http;

import java.net.CookieManager;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** The builder, the client's own methods, and its executor. */
final class ClientCases extends DifferentialCase.Group {
    ClientCases() {
        super("client");
        defaults();
        builder();
        nulls();
        versions();
        executors();
        concurrentCalls();
        ends();
    }

    private void defaults() {
        clear("what a bare client has", run -> {
            HttpClient client = run.build(run.bareBuilder());
            run.note(client.version() + " " + client.followRedirects() + client.connectTimeout()
                    + client.authenticator() + client.cookieHandler() + client.proxy() + client.executor());
            run.attempt("ssl", () -> client.sslContext() == javax.net.ssl.SSLContext.getDefault());
            run.attempt(
                    "parameters",
                    () -> java.util.Arrays.toString(client.sslParameters().getProtocols()));
        });
        clear("what a built client has", run -> {
            HttpClient client = run.build(run.bareBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.ALWAYS)
                    .connectTimeout(Duration.ofSeconds(7))
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .priority(3)
                    .cookieHandler(new CookieManager())
                    .sslContext(run.servers.trusting()));
            run.note(client.version() + " " + client.followRedirects() + client.connectTimeout()
                    + client.cookieHandler().isPresent()
                    + client.proxy().isPresent()
                    + (client.sslContext() == run.servers.trusting()));
        });
        clear("parameters are copies", run -> {
            javax.net.ssl.SSLParameters given =
                    new javax.net.ssl.SSLParameters(new String[] {"TLS_AES_128_GCM_SHA256"});
            HttpClient client = run.build(run.bareBuilder().sslParameters(given));
            given.setCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384"});
            javax.net.ssl.SSLParameters once = client.sslParameters();
            run.note(java.util.Arrays.toString(once.getCipherSuites()) + (once == client.sslParameters()));
        });
    }

    private void builder() {
        for (int priority : new int[] {-1, 0, 1, 256, 257}) {
            clear(
                    "priority " + priority,
                    run -> run.attempt("priority", () -> run.bareBuilder().priority(priority) != null));
        }
        clear(
                "a connect timeout of nothing",
                run -> run.attempt("timeout", () -> run.bareBuilder().connectTimeout(Duration.ZERO)));
        clear(
                "a negative connect timeout",
                run -> run.attempt("timeout", () -> run.bareBuilder().connectTimeout(Duration.ofSeconds(-1))));
        clear("one builder, two clients", run -> {
            HttpClient.Builder builder = run.builder();
            HttpClient one = run.build(builder);
            HttpClient other = run.build(builder.followRedirects(HttpClient.Redirect.ALWAYS));
            run.note(one.followRedirects() + " " + other.followRedirects() + (one == other));
        });
    }

    private void nulls() {
        clear("nothing is null", run -> {
            run.attempt("authenticator", () -> run.bareBuilder().authenticator(null));
            run.attempt("connectTimeout", () -> run.bareBuilder().connectTimeout(null));
            run.attempt("cookieHandler", () -> run.bareBuilder().cookieHandler(null));
            run.attempt("executor", () -> run.bareBuilder().executor(null));
            run.attempt("followRedirects", () -> run.bareBuilder().followRedirects(null));
            run.attempt("proxy", () -> run.bareBuilder().proxy(null));
            run.attempt("sslContext", () -> run.bareBuilder().sslContext(null));
            run.attempt("sslParameters", () -> run.bareBuilder().sslParameters(null));
            run.attempt("version", () -> run.bareBuilder().version(null));
            run.attempt("send", () -> run.client().send(null, BodyHandlers.ofString()));
            run.attempt("send", () -> run.client().send(run.get("/body/3"), null));
            run.attempt("sendAsync", () -> run.client().sendAsync(null, BodyHandlers.ofString()));
            run.attempt("sendAsync", () -> run.client().sendAsync(run.get("/body/3"), null));
        });
    }

    private void versions() {
        clear(
                "HTTP/2 in the clear",
                run -> run.send(
                        run.to("/body/3").version(HttpClient.Version.HTTP_2).build()));
        http2(
                "HTTP/1.1 of the request",
                run -> run.send(
                        run.to("/body/3").version(HttpClient.Version.HTTP_1_1).build()));
        tls(
                "HTTP/2 of the request",
                run -> run.send(
                        run.to("/body/3").version(HttpClient.Version.HTTP_2).build()));
        http2("both one after the other", run -> {
            run.send(run.get("/body/3"));
            run.send(run.to("/body/3").version(HttpClient.Version.HTTP_1_1).build());
            run.send(run.get("/body/3"));
        });
        both("a push handler that is not needed", run -> {
            PushPromiseHandler<String> handler = (initiating, push, acceptor) -> run.note("push");
            run.await(run.client().sendAsync(run.get("/body/3"), BodyHandlers.ofString(), handler));
            run.await(run.client().sendAsync(run.get("/body/3"), BodyHandlers.ofString(), null));
        });
        clear("a web socket", run -> run.attempt("builder", () -> run.client().newWebSocketBuilder() != null));
    }

    private void executors() {
        both("an executor of the caller", run -> {
            Queue<String> names = new ConcurrentLinkedQueue<>();
            ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
            run.use(run.builder().executor(executor));
            run.sendAsync(run.get("/body/3"), info -> {
                names.add(Thread.currentThread().getName());
                return BodyHandlers.ofString().apply(info);
            });
            run.note("on " + names + run.client().executor().isPresent());
            executor.shutdown();
        });
        both("an executor that refuses", run -> {
            run.ignoreRequests();
            Executor refusing = task -> {
                throw new RejectedExecutionException("no");
            };
            run.use(run.builder().executor(refusing));
            run.attempt("sendAsync", () -> run.client()
                    .sendAsync(run.get("/body/3"), BodyHandlers.ofString())
                    .get(20, java.util.concurrent.TimeUnit.SECONDS)
                    .statusCode());
        });
        both("an executor that runs at once", run -> {
            run.use(run.builder().executor(Runnable::run));
            run.sendAsync(run.get("/body/3"), BodyHandlers.ofString());
        });
    }

    private void concurrentCalls() {
        both("a request inside a dependent", run -> {
            run.note("inner "
                    + run.client()
                            .sendAsync(run.get("/body/3"), BodyHandlers.ofString())
                            .thenCompose(first -> run.client().sendAsync(run.get("/body/4"), BodyHandlers.ofString()))
                            .get(20, java.util.concurrent.TimeUnit.SECONDS)
                            .body());
        });
        both("twenty at a time", run -> {
            run.ignoreRequests();
            run.note("sum "
                    + java.util.stream.IntStream.range(0, 20)
                            .mapToObj(i -> run.client().sendAsync(run.get("/body/" + i), BodyHandlers.ofByteArray()))
                            .toList()
                            .stream()
                            .mapToInt(future -> future.join().body().length)
                            .sum());
        });
    }

    private void ends() {
        clear("a proxy selector is kept", run -> {
            ProxySelector selector = ProxySelector.of(null);
            run.note("kept " + (run.build(run.builder().proxy(selector)).proxy().orElseThrow() == selector));
        });
        clear(
                "the request's version is told",
                run -> run.note("version "
                        + HttpRequest.newBuilder(run.server().uri("/")).build().version()));
        clear("a local address", run -> {
            run.use(run.builder());
            run.attempt("build", () -> {
                Object builder = run.builder();
                HttpClient.Builder.class
                        .getMethod("localAddress", java.net.InetAddress.class)
                        .invoke(builder, java.net.InetAddress.getByName("127.0.0.9"));
                run.use((HttpClient.Builder) builder);
                return run.send(run.get("/body/3")) != null;
            });
        });
        both("after its end", run -> {
            run.ignoreRequests();
            run.send(run.get("/body/3"));
            if (Runtime.version().feature() >= 21) {
                ClientMethods.shutdownNow(run.client());
                run.send(run.get("/body/3"));
                run.sendAsync(run.get("/body/3"), BodyHandlers.ofString());
            }
        });
    }
}
