package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The two callbacks of one acquire, of which exactly one is to be called, once; neither after a cancel that succeeded.
 */
final class Answer {
    private static final int CANCELLED = -1000;

    private final Findings findings;
    private final String what;
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Lease<NettyConnection>> lease = new CompletableFuture<>();

    Answer(String what, Findings findings) {
        this.what = what;
        this.findings = findings;
    }

    void onLease(Lease<NettyConnection> answered) {
        count();
        lease.complete(answered);
    }

    void onFailure(AcquireException failure) {
        count();
        lease.completeExceptionally(failure);
    }

    /** The cancel succeeded. */
    void cancelled() {
        if (calls.getAndAdd(CANCELLED) != 0) {
            findings.add(what + " was answered, and could be cancelled nevertheless");
        }
    }

    CompletableFuture<Lease<NettyConnection>> lease() {
        return lease;
    }

    private void count() {
        int before = calls.getAndIncrement();
        if (before != 0) {
            findings.add(what + " was answered " + (before > 0 ? "twice" : "after it was cancelled"));
        }
    }
}
