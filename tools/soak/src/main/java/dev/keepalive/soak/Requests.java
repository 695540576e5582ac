package dev.keepalive.soak;

import java.util.concurrent.atomic.AtomicInteger;

/** The numbers of requests: each worker counts its own, so all are different. Safe from any thread. */
final class Requests {
    private static final int COUNT_BITS = 32;

    private final long worker;
    private final AtomicInteger count = new AtomicInteger();

    /** @param worker from 1 */
    Requests(int worker) {
        this.worker = worker;
    }

    long next() {
        return worker << COUNT_BITS | count.incrementAndGet();
    }

    static int workerOf(long request) {
        return (int) (request >>> COUNT_BITS);
    }

    static int countOf(long request) {
        return (int) request;
    }
}
