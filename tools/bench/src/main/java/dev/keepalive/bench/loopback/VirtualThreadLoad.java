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

/** Virtual threads that send requests over one pool's sockets, for one slice of time after another. */
final class VirtualThreadLoad implements AutoCloseable {
    private static final int GRACE_SECONDS = 10;
    private static final int NUMBER_SHIFT = 40;

    private final ExecutorService threads = virtualThreads();
    private final List<SocketPoolAdapter.SocketSource> sources = new ArrayList<>();
    private volatile boolean over;

    VirtualThreadLoad(SocketPoolAdapter pool, int count) {
        for (int i = 0; i < count; i++) {
            sources.add(pool.newSource());
        }
    }

    /** True if this JVM has virtual threads. */
    static boolean isPossible() {
        return Runtime.version().feature() >= 21;
    }

    /** Calls the method by reflection, because this is compiled for a Java without virtual threads. */
    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("no virtual threads: they need JDK 21", e);
        }
    }

    /** Runs the threads for a slice of time. */
    SliceResult run(Duration time) throws InterruptedException {
        over = false;
        ResourceUsage before = ResourceUsage.now();
        List<Future<Histogram>> results = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            long number = (long) i << NUMBER_SHIFT;
            SocketPoolAdapter.SocketSource source = sources.get(i);
            results.add(threads.submit(() -> use(source, number)));
        }
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        Histogram all = new Histogram(3);
        for (Future<Histogram> result : results) {
            all.add(await(result));
        }
        return new SliceResult(all.getTotalCount(), ResourceUsage.now().since(before), all);
    }

    private static Histogram await(Future<Histogram> result) throws InterruptedException {
        try {
            return result.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
    }

    private Histogram use(SocketPoolAdapter.SocketSource source, long number) throws Exception {
        Histogram latencies = new Histogram(3);
        byte[] message = new byte[EchoHandler.SIZE];
        long stamp = number;
        long began = System.nanoTime();
        while (!over) {
            EchoSocket socket = source.acquire();
            socket.exchange(++stamp, message);
            long now = System.nanoTime();
            latencies.recordValue(now - began);
            began = now;
            source.release();
        }
        return latencies;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
