package dev.keepalive.netty;

import dev.keepalive.Lease;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What the holder of one lease has. Safe from any thread. */
abstract class LeasedRequests<Q, A> implements Requests<Q, A> {
    final Lease<?> lease;

    LeasedRequests(Lease<?> lease) {
        this.lease = lease;
    }

    /** The requests of the connection. */
    abstract RequestQueue<Q, A, ?> queue();

    @Override
    public final CompletableFuture<A> greeting() {
        CompletableFuture<A> greeting = queue().greeting;
        if (greeting == null) {
            throw new IllegalStateException("the protocol has no greeting: use RequestResponse.withGreeting()");
        }
        return greeting.copy();
    }

    @Override
    public final A call(Q request) throws RequestException, InterruptedException {
        for (EventExecutor loop : queue().context.channel().eventLoop().parent()) {
            if (loop.inEventLoop()) {
                throw new IllegalStateException(
                        "waiting on an event loop, which may be the one that brings the answer");
            }
        }
        try {
            return send(request).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RequestException failed) {
                throw failed.again();
            }
            throw new IllegalStateException("an answer failed otherwise than expected", e.getCause());
        }
    }
}
