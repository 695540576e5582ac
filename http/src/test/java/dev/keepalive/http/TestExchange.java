package dev.keepalive.http;

import dev.keepalive.Lease;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes the events of an exchange, and checks that they come in the order of {@link ExchangeEvents}. */
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
    private final boolean takes;
    volatile int received;
    volatile @Nullable RetrySafety safety;
    volatile boolean leaseEndedBefore;
    private boolean over;

    TestExchange() {
        this(true);
    }

    /** @param takes whether it says of each part at once that it was taken */
    TestExchange(boolean takes) {
        this.takes = takes;
    }

    void begin(Lease<HttpConnection> lease, RequestHead head, RequestBody requestBody) {
        begun.complete(lease);
        control.complete(lease.connection().exchange(head, requestBody, this));
    }

    @Override
    public void informational(int code, HeaderFields all) {
        inOrder("informational", !status.isDone());
        informational.add(code);
    }

    @Override
    public void response(int code, HeaderFields all) {
        inOrder("response", !status.isDone());
        fields.complete(all);
        status.complete(code);
    }

    @Override
    public void data(ByteBuffer part) {
        inOrder("data", status.isDone() && part.hasRemaining());
        int count = part.remaining();
        byte[] copy = new byte[count];
        part.get(copy);
        bytes.writeBytes(copy);
        received += count;
        if (takes) {
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
        inOrder("failed", true);
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
