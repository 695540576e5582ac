package dev.keepalive.soak;

import java.util.concurrent.atomic.AtomicInteger;

/** Numbers for requests, unique over all workers. Safe from any thread. */
final class RequestNumbers {
    private static final int COUNT_BITS = 32;

    private final long worker;
    private final AtomicInteger count = new AtomicInteger();

    /** @param worker the number of the worker, from 1 */
    RequestNumbers(int worker) {
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
