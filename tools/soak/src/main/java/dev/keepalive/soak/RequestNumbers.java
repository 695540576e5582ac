package dev.keepalive.soak;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Numbers for requests, unique over all workers. Safe from any thread. */
final class RequestNumbers {
    private static final int COUNT_BITS = 32;

    private final long worker;
    private final AtomicInteger count = new AtomicInteger();
    private final Queue<Long> unsent = new ConcurrentLinkedQueue<>();

    /** @param worker the number of the worker, from 1 */
    RequestNumbers(int worker) {
        this.worker = worker;
    }

    /** The next number for a request: one that is to be sent again, if there is any, else a new one. */
    long next() {
        Long again = unsent.poll();
        return again == null ? fresh() : again;
    }

    /** A number that was never given out. */
    long fresh() {
        return worker << COUNT_BITS | count.incrementAndGet();
    }

    /** The request was not processed, so its number is given out again. */
    void again(long request) {
        unsent.add(request);
    }

    static int workerOf(long request) {
        return (int) (request >>> COUNT_BITS);
    }

    static int countOf(long request) {
        return (int) request;
    }
}
