package dev.keepalive.netty;

import dev.keepalive.Lease;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a connection that one lease has after the other: it is kept if none of them is unanswered. Event loop
 * only, except where stated.
 */
final class ExclusiveRequests<Q, A> extends RequestQueue<Q, A, ExclusiveRequests.Sent<Q, A>> {
    private static final VarHandle EXPECTED;

    static {
        try {
            EXPECTED = MethodHandles.lookup().findVarHandle(ExclusiveRequests.class, "expected", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** How many answers are awaited, those of requests included that another thread is about to send. */
    private volatile int expected;

    ExclusiveRequests(ProtocolContext context, Options<A> options) {
        super(context, options);
    }

    @Override
    public Requests<Q, A> open(Lease<Requests<Q, A>> lease) {
        return new Holder<>(this, lease);
    }

    @Override
    public boolean isReusable() {
        return expected == 0 && isGreeted();
    }

    /** Safe from any thread. */
    private CompletableFuture<A> send(Sent<Q, A> exchange) {
        EXPECTED.getAndAdd(this, 1);
        if (!context.execute(exchange.lease, exchange, exchange::leaseHasEnded)) {
            EXPECTED.getAndAdd(this, -1);
            ReferenceCountUtil.release(exchange.request);
            throw exchange.lease.isEnded()
                    ? leaseEnded()
                    : new IllegalStateException("the connection's event loop is shut down");
        }
        return exchange;
    }

    private void write(Sent<Q, A> exchange) {
        if (isClosed()) {
            failClosed(exchange);
            return;
        }
        awaitAnswer(exchange);
        // A failure is told to the pipeline, which closes the connection.
        context.channel().writeAndFlush(exchange.request, context.channel().voidPromise());
    }

    @Override
    void answered(Sent<Q, A> exchange, A answer) {
        EXPECTED.getAndAdd(this, -1);
        if (!exchange.complete(answer)) {
            ReferenceCountUtil.release(answer);
        }
    }

    @Override
    void fail(Sent<Q, A> exchange, String message, boolean unsent, @Nullable Throwable cause) {
        EXPECTED.getAndAdd(this, -1);
        exchange.completeExceptionally(new RequestException(message, unsent, cause));
    }

    /** What the holder of one lease has. */
    private static final class Holder<Q, A> extends LeasedRequests<Q, A> {
        private final ExclusiveRequests<Q, A> requests;

        Holder(ExclusiveRequests<Q, A> requests, Lease<?> lease) {
            super(lease);
            this.requests = requests;
        }

        @Override
        RequestQueue<Q, A, ?> queue() {
            return requests;
        }

        @Override
        public CompletableFuture<A> send(Q request) {
            return requests.send(new Sent<>(requests, lease, Objects.requireNonNull(request, "request")));
        }
    }

    /** One request and its answer; run, it sends the request. */
    static final class Sent<Q, A> extends Exchange<Q, A> implements Runnable {
        private final ExclusiveRequests<Q, A> requests;

        Sent(ExclusiveRequests<Q, A> requests, Lease<?> lease, Q request) {
            super(lease, request);
            this.requests = requests;
        }

        @Override
        public void run() {
            requests.write(this);
        }

        void leaseHasEnded() {
            ReferenceCountUtil.release(request);
            requests.fail(this, "the lease had ended", true, null);
        }
    }
}
