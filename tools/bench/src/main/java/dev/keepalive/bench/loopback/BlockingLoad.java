package dev.keepalive.bench.loopback;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** A number of virtual threads that use one lender, each for its own requests, for a slice of time, again and again. */
final class BlockingLoad implements AutoCloseable {
    private static final int GRACE_SECONDS = 10;
    private static final int NUMBER_SHIFT = 40;

    private final ExecutorService threads = virtualThreads();
    private final List<BlockingLender.Borrower> borrowers = new ArrayList<>();
    private volatile boolean over;

    BlockingLoad(BlockingLender lender, int count) {
        for (int i = 0; i < count; i++) {
            borrowers.add(lender.borrower());
        }
    }

    /** True if this JVM has virtual threads. */
    static boolean isPossible() {
        return Runtime.version().feature() >= 21;
    }

    /** By reflection, since this is compiled for a Java that has none. */
    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("no virtual threads: they need JDK 21", e);
        }
    }

    /** Lets the threads run. */
    Slice run(Duration time) throws InterruptedException {
        over = false;
        Meter before = Meter.now();
        List<Future<Histogram>> results = new ArrayList<>();
        for (int i = 0; i < borrowers.size(); i++) {
            long number = (long) i << NUMBER_SHIFT;
            BlockingLender.Borrower borrower = borrowers.get(i);
            results.add(threads.submit(() -> use(borrower, number)));
        }
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        Histogram all = new Histogram(3);
        for (Future<Histogram> result : results) {
            all.add(done(result));
        }
        return new Slice(all.getTotalCount(), Meter.now().since(before), all);
    }

    private static Histogram done(Future<Histogram> result) throws InterruptedException {
        try {
            return result.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
    }

    private Histogram use(BlockingLender.Borrower borrower, long number) throws Exception {
        Histogram latencies = new Histogram(3);
        byte[] message = new byte[Exchange.SIZE];
        long stamp = number;
        long began = System.nanoTime();
        while (!over) {
            Wire wire = borrower.acquire();
            wire.exchange(++stamp, message);
            long now = System.nanoTime();
            latencies.recordValue(now - began);
            began = now;
            borrower.release();
        }
        return latencies;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
