package dev.keepalive.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The body of a request: parts that it gives as soon as they are asked for, or when the test says so. */
class Http1Body implements RequestBody {
    private final long length;
    private final Queue<String> parts = new ArrayDeque<>();
    final List<String> calls = new ArrayList<>();
    boolean givesAtOnce = true;

    @Nullable
    Sink sink;

    Http1Body(long length, String... parts) {
        this.length = length;
        this.parts.addAll(List.of(parts));
    }

    /** A body of known length. */
    static Http1Body of(String... parts) {
        return new Http1Body(String.join("", parts).length(), parts);
    }

    static Http1Body ofUnknownLength(String... parts) {
        return new Http1Body(UNKNOWN, parts);
    }

    /** The same, but the test gives each part by {@link #give}. */
    Http1Body later() {
        givesAtOnce = false;
        return this;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void start(Sink given) {
        calls.add("start");
        sink = given;
        if (givesAtOnce) {
            give();
        }
    }

    @Override
    public void more() {
        calls.add("more");
        if (givesAtOnce) {
            give();
        }
    }

    /** Gives the next part, or the end. */
    void give() {
        String next = parts.poll();
        if (next == null) {
            sink.end();
        } else {
            sink.write(ByteBuffer.wrap(next.getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    @Override
    public void cancel() {
        calls.add("cancel");
    }
}
