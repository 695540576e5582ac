package dev.keepalive.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;

/** Every body publisher, and every method with and without a body. */
final class RequestBodyCases extends DifferentialCase.Group {
    RequestBodyCases() {
        super("request body");
        publishers();
        lengths();
        methods();
        failures();
        expectations();
    }

    private void echo(String name, Made publisher) {
        both(name, run -> run.send(run.post("/echo", publisher.make())));
    }

    private interface Made {
        BodyPublisher make() throws Exception;
    }

    private void publishers() {
        echo("noBody", BodyPublishers::noBody);
        echo("ofString", () -> BodyPublishers.ofString("text \u00e9"));
        echo("ofString of a charset", () -> BodyPublishers.ofString("\u00e9", StandardCharsets.ISO_8859_1));
        echo("ofString empty", () -> BodyPublishers.ofString(""));
        echo("ofByteArray", () -> BodyPublishers.ofByteArray(Described.pattern(1_000)));
        echo("ofByteArray in part", () -> BodyPublishers.ofByteArray(Described.pattern(1_000), 10, 20));
        echo("ofByteArrays", () -> BodyPublishers.ofByteArrays(List.of(Described.pattern(10), Described.pattern(20))));
        echo("ofByteArrays none", () -> BodyPublishers.ofByteArrays(List.of()));
        echo("ofInputStream", () -> BodyPublishers.ofInputStream(() -> stream(100_000)));
        echo("ofInputStream empty", () -> BodyPublishers.ofInputStream(() -> stream(0)));
        echo("ofInputStream null", () -> BodyPublishers.ofInputStream(() -> null));
        echo("ofFile", () -> BodyPublishers.ofFile(file(100_000)));
        echo("ofFile empty", () -> BodyPublishers.ofFile(file(0)));
        echo("five megabytes", () -> BodyPublishers.ofByteArray(Described.pattern(5_000_000)));
        echo("five megabytes of a stream", () -> BodyPublishers.ofInputStream(() -> stream(5_000_000)));
        echo("concat", () -> BodyPublishers.concat(BodyPublishers.ofString("a"), BodyPublishers.ofString("b")));
        echo(
                "concat of unknown length",
                () -> BodyPublishers.concat(
                        BodyPublishers.ofString("a"), BodyPublishers.ofInputStream(() -> stream(10))));
        echo("fromPublisher", () -> BodyPublishers.fromPublisher(submitted("one", "two")));
        echo("fromPublisher with its length", () -> BodyPublishers.fromPublisher(submitted("one", "two"), 6));
        echo("with an empty buffer between", () -> BodyPublishers.fromPublisher(submitted("one", "", "two"), 6));
    }

    private void lengths() {
        echo("shorter than its length", () -> BodyPublishers.fromPublisher(submitted("one"), 6));
        echo("longer than its length", () -> BodyPublishers.fromPublisher(submitted("one", "two"), 4));
        echo("of length 0", () -> new Custom(0, "complete"));
        echo("of negative length", () -> new Custom(-5, "complete"));
    }

    private void methods() {
        both(
                "PUT",
                run -> run.send(
                        run.to("/echo").PUT(BodyPublishers.ofString("put")).build()));
        both(
                "PUT of nothing",
                run -> run.send(run.to("/echo").PUT(BodyPublishers.noBody()).build()));
        both("DELETE", run -> run.send(run.to("/echo").DELETE().build()));
        for (String method : List.of("PATCH", "GET", "DELETE", "HEAD", "OPTIONS", "ODD", "get", "x-y")) {
            both(
                    method + " with a body",
                    run -> run.send(run.to("/echo")
                            .method(method, BodyPublishers.ofString("body"))
                            .build()));
            both(
                    method + " without a body",
                    run -> run.send(run.to("/echo")
                            .method(method, BodyPublishers.noBody())
                            .build()));
        }
        clear(
                "CONNECT",
                run -> run.attempt("method", () -> run.to("/echo").method("CONNECT", BodyPublishers.noBody())));
    }

    private void failures() {
        echo("that fails at once", () -> new Custom(3, "error"));
        echo("that throws in subscribe", () -> new Custom(3, "throw"));
        echo("of unknown length that fails", () -> new Custom(-1, "error"));
        echo(
                "of a stream that throws",
                () -> BodyPublishers.ofInputStream(() -> new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("no");
                    }
                }));
        both(
                "that fails by sendAsync",
                run -> run.sendAsync(
                        run.post("/echo", new Custom(3, "error")), java.net.http.HttpResponse.BodyHandlers.ofString()));
        clear("of a missing file", run -> run.attempt("ofFile", () -> BodyPublishers.ofFile(Path.of("/no/such/file"))));
        both("of a file that is gone", run -> {
            Path file = file(10);
            BodyPublisher publisher = BodyPublishers.ofFile(file);
            Files.delete(file);
            run.send(run.post("/echo", publisher));
        });
    }

    private void expectations() {
        both(
                "after 100",
                run -> run.send(run.to("/echo")
                        .expectContinue(true)
                        .POST(BodyPublishers.ofString("expected"))
                        .build()));
        both("refused by 417", run -> {
            run.send(run.to("/refuse-expectation")
                    .expectContinue(true)
                    .POST(BodyPublishers.ofString("unexpected"))
                    .build());
            run.send(run.get("/body/3"));
        });
        both(
                "of length 0 after 100",
                run -> run.send(run.to("/echo")
                        .expectContinue(true)
                        .POST(BodyPublishers.noBody())
                        .build()));
        both(
                "GET with an expectation",
                run -> run.send(run.to("/echo").expectContinue(true).GET().build()));
        both("refused before it was sent", run -> {
            run.ignoreRequests(); // how much of it arrives is a matter of time
            run.send(run.post("/early", BodyPublishers.ofByteArray(Described.pattern(1_000))));
        });
    }

    // ---- bodies

    private static InputStream stream(int length) {
        return new ByteArrayInputStream(Described.pattern(length));
    }

    private static Path file(int length) throws IOException {
        Path file = Files.createTempFile("differential", "body");
        file.toFile().deleteOnExit();
        return Files.write(file, Described.pattern(length));
    }

    private static Flow.Publisher<ByteBuffer> submitted(String... parts) {
        return subscriber -> {
            SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
            publisher.subscribe(subscriber);
            for (String part : parts) {
                publisher.submit(ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)));
            }
            publisher.close();
        };
    }

    /** Does not publish anything. */
    private record Custom(long contentLength, String end) implements BodyPublisher {
        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            if (end.equals("throw")) {
                throw new IllegalStateException("subscribe");
            }
            subscriber.onSubscribe(new Flow.Subscription() {
                private boolean ended;

                @Override
                public void request(long n) {
                    if (!ended) {
                        ended = true;
                        end(subscriber);
                    }
                }

                @Override
                public void cancel() {
                    ended = true;
                }
            });
        }

        private void end(Flow.Subscriber<? super ByteBuffer> subscriber) {
            if (end.equals("error")) {
                subscriber.onError(new IllegalStateException("failed"));
            } else {
                subscriber.onComplete();
            }
        }
    }
}
