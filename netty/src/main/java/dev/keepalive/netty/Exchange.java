package dev.keepalive.netty;

import dev.keepalive.Lease;
import java.util.concurrent.CompletableFuture;

/** One request and its answer. It refers to the lease, which is reachable while the answer is awaited. */
class Exchange<Q, A> extends CompletableFuture<A> {
    final Lease<?> lease;
    final Q request;

    /** How often anything had been handed to the socket when the request was written. Event loop only. */
    long flushesBefore;

    /** When the request was written, if answers have a time limit. Event loop only. */
    long sentAt;

    Exchange(Lease<?> lease, Q request) {
        this.lease = lease;
        this.request = request;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
