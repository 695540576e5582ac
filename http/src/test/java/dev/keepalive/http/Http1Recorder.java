package dev.keepalive.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Records the events of an exchange, and takes each part of the response at once, unless it is told to wait. */
class Http1Recorder implements ExchangeEvents {
    /** Each event as text; the parts of a body that come one after the other are one event. */
    final List<String> events = new CopyOnWriteArrayList<>();

    final CompletableFuture<Void> end = new CompletableFuture<>();
    volatile @Nullable HttpExchangeControl control;
    volatile @Nullable HeaderFields fields;
    volatile @Nullable Throwable failure;
    volatile @Nullable RetrySafety safety;
    boolean takesAtOnce = true;
    int untaken;

    @Override
    public void informational(int status, HeaderFields itsFields) {
        add("informational " + status);
        fields = itsFields;
    }

    @Override
    public void response(int status, HeaderFields itsFields) {
        add("response " + status);
        fields = itsFields;
    }

    @Override
    public void data(ByteBuffer part) {
        if (!part.hasRemaining()) {
            throw new AssertionError("an empty part");
        }
        String text = StandardCharsets.ISO_8859_1.decode(part.duplicate()).toString();
        int last = events.size() - 1;
        if (events.get(last).startsWith("data ")) {
            events.set(last, events.get(last) + text);
        } else {
            add("data " + text);
        }
        untaken += part.remaining();
        HttpExchangeControl known = control;
        if (takesAtOnce && known != null) {
            known.consumed(untaken);
            untaken = 0;
        }
    }

    @Override
    public void completed() {
        add("completed");
        end.complete(null);
    }

    @Override
    public void failed(Throwable cause, RetrySafety itsSafety) {
        failure = cause;
        safety = itsSafety;
        add("failed " + itsSafety);
        end.complete(null);
    }

    private void add(String event) {
        if (end.isDone()) {
            throw new AssertionError(event + " after the end: " + events);
        }
        events.add(event);
    }

    Http1Recorder await() throws Exception {
        end.get(20, TimeUnit.SECONDS);
        return this;
    }
}
