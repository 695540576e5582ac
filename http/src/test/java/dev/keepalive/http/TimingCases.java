package dev.keepalive.http;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * What depends on time, with either client: timeouts that are shorter than a slow machine may take to connect, and
 * whether a client has heard of what has happened before.
 */
final class TimingCases extends DifferentialCase.Group {
    private static final Duration SHORT = Duration.ofMillis(500);

    TimingCases() {
        super("timing");
        timeouts();
        handshakes();
        connections();
    }

    /** Opens the connection, so that the timeout is not over before. */
    private static void prepare(DifferentialRun run) {
        run.ignoreRequests();
        run.send(run.get("/body/3"));
    }

    private void timeouts() {
        both("no response in time", run -> {
            prepare(run);
            run.send(run.to("/silence").timeout(SHORT).build());
        });
        both("no response in time by sendAsync", run -> {
            prepare(run);
            run.sendAsync(run.to("/silence").timeout(SHORT).build(), BodyHandlers.ofString());
        });
        both("no response in time after a body", run -> {
            prepare(run);
            run.send(run.to("/silence")
                    .timeout(SHORT)
                    .POST(BodyPublishers.ofString("body"))
                    .build());
        });
        both("a response in time, a client that goes on", run -> {
            run.ignoreRequests();
            run.send(run.to("/body/3").timeout(Duration.ofMinutes(1)).build());
            run.send(run.to("/silence").timeout(SHORT).build());
            run.send(run.to("/body/3").timeout(Duration.ofMinutes(1)).build());
        });
        both("no continue in time", run -> {
            prepare(run);
            run.send(run.to("/final-without-continue")
                    .timeout(SHORT)
                    .expectContinue(true)
                    .POST(BodyPublishers.ofString("body"))
                    .build());
        });
    }

    private void handshakes() {
        clear("a connect timeout in a handshake", run -> {
            try (java.net.ServerSocket silent = new java.net.ServerSocket(0)) {
                run.use(run.builder().connectTimeout(SHORT));
                run.send(HttpRequest.newBuilder(java.net.URI.create("https://127.0.0.1:" + silent.getLocalPort()))
                        .build());
            }
        });
        clear("a timeout in a handshake", run -> {
            try (java.net.ServerSocket silent = new java.net.ServerSocket(0)) {
                run.send(HttpRequest.newBuilder(java.net.URI.create("https://127.0.0.1:" + silent.getLocalPort()))
                        .timeout(SHORT)
                        .build());
            }
        });
    }

    private void afterTheEnd(DifferentialRun run) throws Exception {
        run.send(run.get("/body/3"));
        run.server().closeConnections();
        // Not of POST: whether it fails depends on whether the client has heard of the end.
        run.send(run.get("/body/3"));
    }

    private void connections() {
        // The JDK's client does not always hear of the end of a connection with HTTP/2 in time.
        clear("a connection that ends while idle", this::afterTheEnd);
        tls("a connection that ends while idle", this::afterTheEnd);
        both("three requests on one connection", run -> {
            run.send(run.get("/body/3"));
            run.send(run.post("/echo", BodyPublishers.ofString("x")));
            run.send(run.get("/chunked/3"));
            run.note("connections " + run.server().takeAccepted());
        });
    }
}
