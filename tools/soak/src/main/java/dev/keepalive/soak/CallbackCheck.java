package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.Lease;
import dev.keepalive.netty.Requests;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Checks the callbacks of one acquire: exactly one of them is called, once, and none after a successful cancel. */
final class CallbackCheck {
    private static final int CANCELLED = -1000;

    private final SoakFindings findings;
    private final String what;
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Lease<Requests<CheckedExchange, String>>> lease = new CompletableFuture<>();

    CallbackCheck(String what, SoakFindings findings) {
        this.what = what;
        this.findings = findings;
    }

    void onLease(Lease<Requests<CheckedExchange, String>> answered) {
        count();
        lease.complete(answered);
    }

    void onFailure(AcquireException failure) {
        count();
        lease.completeExceptionally(failure);
    }

    /** Notes that the cancel succeeded. */
    void cancelled() {
        if (calls.getAndAdd(CANCELLED) != 0) {
            findings.add(what + " was cancelled successfully after it was answered");
        }
    }

    CompletableFuture<Lease<Requests<CheckedExchange, String>>> lease() {
        return lease;
    }

    private void count() {
        int before = calls.getAndIncrement();
        if (before != 0) {
            findings.add(what + " was answered " + (before > 0 ? "twice" : "after it was cancelled"));
        }
    }
}
