package dev.keepalive.http;

import dev.keepalive.http.DifferentialRun.Scene;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Cancelled requests, and connections that end or never come. */
final class FailureCases extends DifferentialCase.Group {
    FailureCases() {
        super("failure");
        cancels();
        ends();
        connections();
        dials();
        tls();
        tlsParameters();
    }

    private void cancels() {
        both("a future that is cancelled", run -> {
            run.ignoreRequests();
            CompletableFuture<HttpResponse<String>> future =
                    run.client().sendAsync(run.get("/silence"), BodyHandlers.ofString());
            run.note("cancel " + future.cancel(true));
            run.await(future);
            run.note("cancelled " + future.isCancelled() + future.isCompletedExceptionally());
            run.send(run.get("/body/3"));
        });
        both("a dependent future that is cancelled", run -> {
            run.ignoreRequests();
            CompletableFuture<HttpResponse<String>> future =
                    run.client().sendAsync(run.get("/silence"), BodyHandlers.ofString());
            CompletableFuture<String> dependent = future.thenApply(HttpResponse::body);
            run.note("cancel " + dependent.cancel(true));
            run.note("is a CompletableFuture of its own kind "
                    + (future.newIncompleteFuture().getClass() == future.getClass()));
            future.cancel(true);
        });
        both("a thread that is interrupted before", run -> {
            run.ignoreRequests();
            Thread.currentThread().interrupt();
            run.send(run.get("/silence"));
            run.note("interrupted " + Thread.interrupted());
            run.send(run.get("/body/3"));
        });
        both("a future that the caller completes", run -> {
            run.ignoreRequests();
            CompletableFuture<HttpResponse<String>> future =
                    run.client().sendAsync(run.get("/silence"), BodyHandlers.ofString());
            run.note("complete " + future.completeExceptionally(new IllegalStateException("mine")));
            run.await(future);
        });
    }

    private void ends() {
        both("a body that is cut", run -> {
            run.send(run.get("/cut/1000"));
            if (run.scene == Scene.CLEAR) {
                // With HTTP/2, a reset may come before the program has the response.
                run.send(run.get("/cut/1000"), BodyHandlers.ofInputStream());
            }
            run.send(run.get("/body/3"));
        });
        both("a body that is cut, by sendAsync", run -> run.sendAsync(run.get("/cut/1000"), BodyHandlers.ofString()));
        for (String error : List.of("INTERNAL_ERROR", "CANCEL", "ENHANCE_YOUR_CALM")) {
            http2("a stream that is reset by " + error, run -> {
                run.send(run.get("/end/" + error));
                run.send(run.post("/end/" + error, BodyPublishers.ofString("body")));
            });
        }
        clear("a connection that ends without a response", run -> {
            run.ignoreRequests();
            run.send(run.get("/end/CANCEL"));
            run.send(run.post("/end/CANCEL", BodyPublishers.ofString("body")));
            run.send(run.get("/body/3"));
        });
    }

    private void connections() {
        both("a response that closes", run -> {
            run.send(run.get("/close"));
            run.send(run.get("/close"));
            run.note("connections " + (run.server().takeAccepted() > 0));
        });
        both("a goaway", run -> {
            run.send(run.get("/goaway"));
            run.send(run.get("/body/3"));
        });
    }

    private void dials() {
        clear("a refused connection", run -> {
            run.send(HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:1/"))
                    .build());
            run.sendAsync(
                    HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:1/"))
                            .build(),
                    BodyHandlers.ofString());
        });
        clear(
                "an unknown host",
                run -> run.send(HttpRequest.newBuilder(java.net.URI.create("http://no-such-host.invalid/"))
                        .build()));
        clear(
                "a timeout of nothing",
                run -> run.attempt("timeout", () -> run.to("/body/3").timeout(Duration.ZERO)));
        clear("a connect timeout that is kept", run -> {
            run.use(run.builder().connectTimeout(Duration.ofMinutes(1)));
            run.send(run.get("/body/3"));
        });
    }

    private void tls() {
        both("an untrusted certificate", run -> {
            run.use(run.bareBuilder().version(run.scene.version));
            run.send(HttpRequest.newBuilder(run.servers.tls().uri("/body/3")).build());
        });
        both(
                "a certificate of another name",
                run -> run.send(HttpRequest.newBuilder(run.servers.otherName().uri("/body/3"))
                        .build()));
        http2(
                "a server without HTTP/2",
                run -> run.send(HttpRequest.newBuilder(run.servers.http1Only().uri("/body/3"))
                        .build()));
        tls("HTTP/1.1 of a server with both", run -> run.send(run.get("/body/3")));
        tls("POST with TLS", run -> run.send(run.post("/echo", BodyPublishers.ofString("secret"))));
        clear(
                "https to a server in the clear",
                run -> run.send(HttpRequest.newBuilder(java.net.URI.create(
                                "https://127.0.0.1:" + run.servers.clear().port() + "/body/3"))
                        .build()));
        clear("http to a server with TLS", run -> {
            run.ignoreRequests();
            run.send(HttpRequest.newBuilder(java.net.URI.create(
                            "http://127.0.0.1:" + run.servers.tls().port() + "/body/3"))
                    .build());
        });
    }

    private void tlsParameters() {
        http2("parameters without a common version", run -> {
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.2"});
            parameters.setCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
            run.use(run.builder().sslParameters(parameters));
            run.send(run.get("/body/3"));
        });
        http2("parameters for TLS 1.2", run -> {
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.2"});
            run.use(run.builder().sslParameters(parameters));
            HttpResponse<String> response = run.send(run.get("/body/3"));
            run.note("protocol " + response.sslSession().orElseThrow().getProtocol());
        });
        http2("the session of a response", run -> {
            HttpResponse<String> response = run.send(run.get("/body/3"));
            run.attempt("peer", () -> response.sslSession().orElseThrow().getPeerPrincipal());
            run.attempt("protocol", () -> response.sslSession().orElseThrow().getProtocol());
            run.attempt("context", () -> SSLContext.getDefault() != run.client().sslContext());
        });
    }
}
