package dev.keepalive.http;

import dev.keepalive.Lease;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records the events of an exchange, and checks that they come in the order of {@link ExchangeEvents}. It takes each
 * part of the response at once, unless it is told to wait.
 */
class TestExchange implements ExchangeEvents {
    private static final int PATIENCE_SECONDS = 60;

    final CompletableFuture<Lease<HttpConnection>> begun = new CompletableFuture<>();
    final CompletableFuture<HttpExchangeControl> control = new CompletableFuture<>();
    final CompletableFuture<Integer> status = new CompletableFuture<>();
    final CompletableFuture<HeaderFields> fields = new CompletableFuture<>();
    final CompletableFuture<String> body = new CompletableFuture<>();
    final List<Integer> informational = new CopyOnWriteArrayList<>();
    final List<String> disorder = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    volatile boolean takesAtOnce;
    volatile int received;
    volatile @Nullable Throwable failure;
    volatile @Nullable RetrySafety safety;
    volatile boolean leaseEndedBefore;
    private boolean over;

    /** Strings; builders for the parts of a body. */
    private final List<Object> log = new ArrayList<>();

    TestExchange() {
        this(true);
    }

    /** @param takes whether it says of each part at once that it was taken */
    TestExchange(boolean takes) {
        this.takesAtOnce = takes;
    }

    void begin(Lease<HttpConnection> lease, RequestHead head, RequestBody requestBody) {
        begun.complete(lease);
        control.complete(lease.connection().exchange(head, requestBody, this));
    }

    /** What has begun is controlled by it. */
    HttpExchangeControl control() {
        return control.getNow(null);
    }

    @Override
    public void informational(int code, HeaderFields all) {
        inOrder("informational " + code, !status.isDone());
        informational.add(code);
    }

    @Override
    public void response(int code, HeaderFields all) {
        inOrder("response " + code, !status.isDone());
        fields.complete(all);
        status.complete(code);
    }

    @Override
    public void data(ByteBuffer part) {
        String text = StandardCharsets.ISO_8859_1.decode(part.duplicate()).toString();
        inOrder("data " + text, status.isDone() && part.hasRemaining());
        int count = part.remaining();
        byte[] copy = new byte[count];
        part.get(copy);
        bytes.writeBytes(copy);
        received += count;
        if (takesAtOnce) {
            control.thenAccept(each -> each.consumed(count));
        }
    }

    @Override
    public void completed() {
        inOrder("completed", status.isDone());
        ended();
        body.complete(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void failed(Throwable cause, RetrySafety retry) {
        inOrder("failed " + retry, true);
        failure = cause;
        safety = retry;
        ended();
        fields.completeExceptionally(cause);
        status.completeExceptionally(cause);
        body.completeExceptionally(cause);
    }

    private void ended() {
        over = true;
        Lease<HttpConnection> lease = begun.getNow(null);
        leaseEndedBefore = lease == null || lease.isEnded();
    }

    private void inOrder(String event, boolean expected) {
        if (!expected || over) {
            disorder.add(event);
        }
        synchronized (log) {
            Object last = log.isEmpty() ? "" : log.get(log.size() - 1);
            if (!event.startsWith("data ")) {
                log.add(event);
            } else if (last instanceof StringBuilder data) {
                data.append(event, "data ".length(), event.length());
            } else {
                log.add(new StringBuilder(event));
            }
        }
    }

    /** Each event as text; the parts of a body that come one after the other are one event. */
    List<String> events() {
        synchronized (log) {
            return log.stream().map(Object::toString).toList();
        }
    }

    String awaitBody() throws Exception {
        return body.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    int awaitStatus() throws Exception {
        return status.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    HttpExchangeControl awaitControl() throws Exception {
        return control.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Throwable awaitFailure() throws Exception {
        try {
            String unexpected = awaitBody();
            throw new AssertionError("it has not failed: " + unexpected);
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }
}
