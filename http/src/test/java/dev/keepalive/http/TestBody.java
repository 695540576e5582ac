package dev.keepalive.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The body of a request: parts that are there, or that a test gives. */
class TestBody implements RequestBody {
    static final TestBody NONE = new TestBody(RequestBody.NONE);

    final CompletableFuture<Sink> started = new CompletableFuture<>();
    final CompletableFuture<Void> canceled = new CompletableFuture<>();
    final AtomicInteger asked = new AtomicInteger();
    private final long length;
    private final @Nullable Deque<byte[]> parts;

    /** A body whose parts the test gives by the sink. */
    TestBody(long length) {
        this.length = length;
        this.parts = null;
    }

    /** A body of these parts. */
    TestBody(long length, List<byte[]> parts) {
        this.length = length;
        this.parts = new ArrayDeque<>(parts);
    }

    static TestBody of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new TestBody(bytes.length, List.of(bytes));
    }

    static TestBody chunked(String... parts) {
        return new TestBody(
                RequestBody.UNKNOWN,
                List.of(parts).stream()
                        .map(part -> part.getBytes(StandardCharsets.ISO_8859_1))
                        .toList());
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void start(Sink sink) {
        started.complete(sink);
        more();
    }

    @Override
    public void more() {
        asked.incrementAndGet();
        Sink sink = started.getNow(null);
        if (parts != null && sink != null) {
            byte[] next = parts.poll();
            if (next == null) {
                sink.end();
            } else {
                sink.write(ByteBuffer.wrap(next));
            }
        }
    }

    @Override
    public void cancel() {
        canceled.complete(null);
    }
}
