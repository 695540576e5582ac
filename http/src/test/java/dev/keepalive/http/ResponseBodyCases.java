package dev.keepalive.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every body handler, and every kind of body of a response. */
final class ResponseBodyCases extends DifferentialCase.Group {
    ResponseBodyCases() {
        super("response body");
        handlers();
        strings();
        files();
        bodies();
        withoutBodies();
        flows();
        closedEarly();
        failures();
    }

    private void handlers() {
        both("ofByteArray", run -> run.send(run.get("/body/1000"), BodyHandlers.ofByteArray()));
        both("ofInputStream", run -> run.send(run.get("/body/100000"), BodyHandlers.ofInputStream()));
        both("ofLines", run -> run.send(run.get("/text/text%2Fplain"), BodyHandlers.ofLines()));
        both("discarding", run -> run.send(run.get("/body/1000"), BodyHandlers.discarding()));
        both("replacing", run -> run.send(run.get("/body/1000"), BodyHandlers.replacing("instead")));
        both("ofByteArrayConsumer", run -> {
            AtomicLong count = new AtomicLong();
            run.send(
                    run.get("/body/100000"),
                    BodyHandlers.ofByteArrayConsumer(part -> count.addAndGet(
                            part.map(bytes -> (long) bytes.length).orElse(1L << 40))));
            run.note("consumed " + count);
        });
        both("buffering", run -> {
            Counter counter = new Counter(1);
            run.send(run.get("/body/10000"), BodyHandlers.buffering(info -> counter, 3_000));
            run.note("sizes " + counter.sizes);
        });
        both(
                "mapping",
                run -> run.send(
                        run.get("/body/1000"),
                        info -> BodySubscribers.mapping(BodySubscribers.ofByteArray(), b -> b.length)));
        both("by status", run -> {
            BodyHandler<String> byStatus = info -> info.statusCode() == 200
                    ? BodySubscribers.ofString(StandardCharsets.UTF_8)
                    : BodySubscribers.replacing("no " + info.statusCode() + " " + info.version()
                            + info.headers().firstValue("content-length"));
            run.send(run.get("/body/10"), byStatus);
            run.send(run.get("/status/404"), byStatus);
        });
    }

    private void strings() {
        both("ofString", run -> run.send(run.get("/body/1000"), BodyHandlers.ofString()));
        both("ofString by content type", run -> run.send(run.get("/text/text%2Fplain;charset=ISO-8859-1")));
        both("ofString without charset", run -> run.send(run.get("/text/text%2Fplain")));
        both("ofString of unknown charset", run -> run.send(run.get("/text/text%2Fplain;charset=nosuch")));
        both(
                "ofString of a charset",
                run -> run.send(
                        run.get("/text/text%2Fplain;charset=UTF-8"),
                        BodyHandlers.ofString(StandardCharsets.ISO_8859_1)));
        both(
                "ofLines of a charset",
                run -> run.send(run.get("/text/text%2Fplain;charset=ISO-8859-1"), BodyHandlers.ofLines()));
        both("gzip stays as it is", run -> run.send(run.get("/gzip"), BodyHandlers.ofByteArray()));
    }

    private void files() {
        both("ofFile", run -> {
            Path folder = Files.createTempDirectory("differential");
            run.send(run.get("/body/1000"), BodyHandlers.ofFile(folder.resolve("made")));
            run.send(
                    run.get("/body/10"),
                    BodyHandlers.ofFile(folder.resolve("made"), StandardOpenOption.APPEND, StandardOpenOption.WRITE));
        });
        both(
                "ofFile in a missing folder",
                run -> run.send(run.get("/body/1000"), BodyHandlers.ofFile(Path.of("/no/such/folder/file"))));
        both("ofFileDownload", run -> {
            Path folder = Files.createTempDirectory("differential");
            String query = "/field?name=content-disposition&value=";
            run.send(
                    run.get(query + "attachment;%20filename=%22got.txt%22"),
                    BodyHandlers.ofFileDownload(folder, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            run.send(
                    run.get("/body/10"),
                    BodyHandlers.ofFileDownload(folder, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        });
    }

    private void bodies() {
        both("chunked", run -> run.send(run.get("/chunked/100000"), BodyHandlers.ofByteArray()));
        both("chunked and empty", run -> run.send(run.get("/chunked/0"), BodyHandlers.ofByteArray()));
        both("five megabytes", run -> run.send(run.get("/body/5000000"), BodyHandlers.ofByteArray()));
        both("five megabytes in chunks", run -> run.send(run.get("/chunked/5000000"), BodyHandlers.ofByteArray()));
        both("empty", run -> run.send(run.get("/body/0"), BodyHandlers.ofByteArray()));
        both("until the end of the connection", run -> {
            run.send(run.get("/until-close/1000"), BodyHandlers.ofByteArray());
            run.send(run.get("/until-close/0"), BodyHandlers.ofByteArray());
        });
        both("with trailers", run -> run.send(run.get("/trailers")));
        both("of an error", run -> run.send(run.get("/unexplained/500")));
    }

    private void withoutBodies() {
        for (int status : new int[] {204, 205, 304}) {
            both("of status " + status, run -> {
                run.send(run.get("/status/" + status));
                run.send(run.get("/body/3"));
            });
        }
        both("of HEAD", run -> {
            HttpRequest head = run.to("/body/1000")
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .build();
            run.send(head);
            run.send(head, BodyHandlers.ofInputStream());
            run.send(run.get("/body/3"));
        });
    }

    private void flows() {
        both("ofPublisher", run -> {
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
                    run.client().send(run.get("/body/100000"), BodyHandlers.ofPublisher());
            BodySubscriber<byte[]> reader = BodySubscribers.ofByteArray();
            response.body().subscribe(reader);
            run.note("read "
                    + DifferentialRun.describe(
                            reader.getBody().toCompletableFuture().get()));
        });
        both("fromSubscriber", run -> {
            Counter counter = new Counter(1);
            run.send(run.get("/body/100000"), BodyHandlers.fromSubscriber(counter, Counter::result));
            run.note(counter.order);
        });
        both("fromLineSubscriber", run -> {
            List<String> lines = new ArrayList<>();
            run.send(
                    run.get("/text/text%2Fplain;charset=ISO-8859-1"),
                    BodyHandlers.fromLineSubscriber(new Lines(lines), any -> lines.toString(), "\n"));
        });
        both("one buffer at a time", run -> {
            Counter counter = new Counter(1);
            run.send(run.get("/body/1000000"), info -> counter);
            run.note(counter.order);
        });
    }

    private void closedEarly() {
        both("a subscriber that cancels", run -> {
            Counter counter = new Counter(-1);
            run.send(run.get("/body/1000000"), info -> counter);
            run.send(run.get("/body/3"));
        });
        both("a stream that is closed early", run -> {
            HttpResponse<InputStream> response =
                    run.client().send(run.get("/body/1000000"), BodyHandlers.ofInputStream());
            run.note("first " + response.body().read());
            response.body().close();
            run.attempt("read after close", () -> response.body().read());
            run.send(run.get("/body/3"));
        });
        both("lines that are closed early", run -> {
            HttpResponse<Stream<String>> response = run.client().send(run.get("/body/100000"), BodyHandlers.ofLines());
            response.body().close();
            run.send(run.get("/body/3"));
        });
        both("a body that arrives after the response", run -> {
            HttpResponse<InputStream> response =
                    run.client().send(run.get("/stall/1000"), BodyHandlers.ofInputStream());
            run.note("first " + response.body().readNBytes(1_000).length);
            response.body().close();
        });
    }

    private void failures() {
        both("a handler that throws", run -> {
            run.send(run.get("/body/3"), info -> {
                throw new IllegalStateException("no");
            });
            run.sendAsync(run.get("/body/3"), info -> {
                throw new IllegalStateException("no");
            });
            run.send(run.get("/body/3"));
        });
        both("a handler that gives null", run -> run.send(run.get("/body/3"), info -> null));
        both(
                "a mapper that throws",
                run -> run.send(
                        run.get("/body/3"),
                        info -> BodySubscribers.mapping(BodySubscribers.ofByteArray(), bytes -> {
                            throw new IllegalStateException("no");
                        })));
        both("a body that fails", run -> run.send(run.get("/body/3"), info -> new Failing(new IOException("no"))));
        both(
                "a body that fails unchecked",
                run -> run.send(run.get("/body/3"), info -> new Failing(new IllegalStateException("no"))));
        both(
                "a body that fails by sendAsync",
                run -> run.sendAsync(run.get("/body/3"), info -> new Failing(new IllegalStateException("no"))));
        both(
                "a subscriber that throws in onSubscribe",
                run -> run.send(run.get("/body/3"), info -> new Throwing("onSubscribe")));
        both("a subscriber that throws in onNext", run -> run.send(run.get("/body/3"), info -> new Throwing("onNext")));
        both(
                "a subscriber that throws in onComplete",
                run -> run.send(run.get("/body/3"), info -> new Throwing("onComplete")));
        both(
                "a subscriber that throws in getBody",
                run -> run.send(run.get("/body/3"), info -> new Throwing("getBody")));
        both("a subscriber that asks for nothing", run -> {
            Counter counter = new Counter(0);
            run.send(run.get("/body/3"), info -> counter);
        });
    }

    /** Counts bytes; asks for so many buffers at a time, or cancels after the first. */
    private static final class Counter implements BodySubscriber<String> {
        private final int step;
        private final CompletableFuture<String> body = new CompletableFuture<>();
        private Flow.Subscription subscription;
        private long bytes;
        final List<Long> sizes = new ArrayList<>();
        volatile String order = "";

        Counter(int step) {
            this.step = step;
        }

        String result() {
            return bytes + " bytes";
        }

        @Override
        public CompletionStage<String> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            order += "S";
            subscription = given;
            given.request(Math.abs(step));
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            long size = item.stream().mapToLong(ByteBuffer::remaining).sum();
            bytes += size;
            sizes.add(size);
            if (step < 0) {
                subscription.cancel();
                body.complete("cancelled");
            } else {
                subscription.request(step);
            }
        }

        @Override
        public void onError(Throwable thrown) {
            order += "E";
            body.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            order += "C";
            body.complete(result());
        }
    }

    private record Lines(List<String> lines) implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            lines.add(DifferentialRun.describe(line));
        }

        @Override
        public void onError(Throwable thrown) {
            lines.add(DifferentialRun.describe((Object) thrown));
        }

        @Override
        public void onComplete() {
            lines.add("complete");
        }
    }

    /** Its body fails at once. */
    private static final class Failing extends Base {
        Failing(Exception failure) {
            body.completeExceptionally(failure);
        }
    }

    /** One of its methods throws. */
    private static final class Throwing extends Base {
        private final String where;

        Throwing(String where) {
            this.where = where;
        }

        private void at(String place) {
            if (place.equals(where)) {
                throw new IllegalStateException(place);
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            at("onSubscribe");
            super.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            at("onNext");
        }

        @Override
        public void onComplete() {
            at("onComplete");
            super.onComplete();
        }

        @Override
        public CompletionStage<String> getBody() {
            at("getBody");
            return super.getBody();
        }
    }

    /** Reads everything. */
    private abstract static class Base implements BodySubscriber<String> {
        final CompletableFuture<String> body = new CompletableFuture<>();
        private final Function<Throwable, Boolean> fail = body::completeExceptionally;

        @Override
        public CompletionStage<String> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            // dropped
        }

        @Override
        public void onError(Throwable thrown) {
            Object ignored = fail.apply(thrown);
        }

        @Override
        public void onComplete() {
            body.complete("complete");
        }
    }
}
