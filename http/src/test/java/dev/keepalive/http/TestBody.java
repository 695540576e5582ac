package dev.keepalive.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The body of a request: parts that it gives as soon as they are asked for, or when the test says so. */
class TestBody implements RequestBody {
    static final TestBody NONE = new TestBody(RequestBody.NONE);

    final CompletableFuture<Sink> started = new CompletableFuture<>();
    final CompletableFuture<Void> canceled = new CompletableFuture<>();
    final AtomicInteger asked = new AtomicInteger();

    /** What the exchange has called. */
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    private final long length;
    private final Queue<byte[]> parts;
    private boolean givesAtOnce;

    /** A body whose parts the test gives by the sink. */
    TestBody(long length) {
        this(length, List.of());
        givesAtOnce = false;
    }

    /** A body of these parts. */
    TestBody(long length, List<byte[]> parts) {
        this.length = length;
        this.parts = new ArrayDeque<>(parts);
        this.givesAtOnce = true;
    }

    /** A body of known length. */
    static TestBody of(String... parts) {
        return ofLength(String.join("", parts).length(), parts);
    }

    /** A body that says that it has this length. */
    static TestBody ofLength(long length, String... parts) {
        return new TestBody(
                length,
                Stream.of(parts)
                        .map(part -> part.getBytes(StandardCharsets.ISO_8859_1))
                        .toList());
    }

    static TestBody chunked(String... parts) {
        return ofLength(RequestBody.UNKNOWN, parts);
    }

    /** The same, but the test gives each part by {@link #give}. */
    TestBody later() {
        givesAtOnce = false;
        return this;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void start(Sink sink) {
        calls.add("start");
        started.complete(sink);
        asked();
    }

    @Override
    public void more() {
        calls.add("more");
        asked();
    }

    private void asked() {
        asked.incrementAndGet();
        if (givesAtOnce) {
            give();
        }
    }

    /** Where the parts go; the body has been started. */
    Sink sink() {
        return started.getNow(null);
    }

    /** Gives the next part, or the end. */
    void give() {
        byte[] next = parts.poll();
        if (next == null) {
            sink().end();
        } else {
            sink().write(ByteBuffer.wrap(next));
        }
    }

    @Override
    public void cancel() {
        calls.add("cancel");
        canceled.complete(null);
    }
}
