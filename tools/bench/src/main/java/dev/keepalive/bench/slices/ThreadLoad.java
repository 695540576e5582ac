package dev.keepalive.bench.slices;

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
import org.jspecify.annotations.Nullable;

/** Clients that each have a thread, for one slice after another. */
public final class ThreadLoad implements AutoCloseable {
    private static final int GRACE_SECONDS = 30;

    private final ExecutorService threads;
    private final List<MeasuredClient> clients;
    private final long loop;
    private volatile boolean over;

    private ThreadLoad(ExecutorService threads, List<? extends ThreadClient> clients, long loop) {
        this.threads = threads;
        this.clients = clients.stream().map(MeasuredClient::new).toList();
        this.loop = loop;
    }

    /** Clients on virtual threads; none of this process's threads is an event loop. */
    public static ThreadLoad onVirtualThreads(List<? extends ThreadClient> clients) {
        return new ThreadLoad(virtualThreads(), clients, ResourceUsage.NO_LOOP);
    }

    /**
     * Clients on platform threads.
     *
     * @param loop the id of the event loop's thread, or {@link ResourceUsage#NO_LOOP}
     */
    public static ThreadLoad onPlatformThreads(List<? extends ThreadClient> clients, long loop) {
        ExecutorService threads = Executors.newFixedThreadPool(clients.size(), work -> {
            Thread thread = new Thread(work, "client");
            thread.setDaemon(true);
            return thread;
        });
        return new ThreadLoad(threads, clients, loop);
    }

    /** True if this JVM has virtual threads. */
    public static boolean hasVirtualThreads() {
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

    /** Runs the clients for a slice of time. */
    public SliceResult run(Duration time) throws InterruptedException {
        over = false;
        ResourceUsage before = ResourceUsage.now(loop);
        List<Future<?>> running = begin(Long.MAX_VALUE);
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        return end(before, running);
    }

    /** Runs the clients until they have made so many requests together. */
    public SliceResult run(long requests) throws InterruptedException {
        over = false;
        ResourceUsage before = ResourceUsage.now(loop);
        return end(before, begin(requests));
    }

    private List<Future<?>> begin(long requests) {
        int count = clients.size();
        List<Future<?>> running = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            MeasuredClient client = clients.get(i);
            long share = requests / count + (i < requests % count ? 1 : 0);
            running.add(threads.submit(() -> client.run(share)));
        }
        return running;
    }

    private SliceResult end(ResourceUsage before, List<Future<?>> running) throws InterruptedException {
        for (Future<?> client : running) {
            await(client);
        }
        ResourceUsage used = ResourceUsage.now(loop).since(before);
        Histogram all = new Histogram(3);
        clients.forEach(client -> all.add(client.latencies));
        return new SliceResult(all.getTotalCount(), used, all);
    }

    private static void await(Future<?> client) throws InterruptedException {
        try {
            client.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
    }

    /** A client and its latencies, whose memory is used again in each slice. */
    private final class MeasuredClient {
        private final ThreadClient client;
        private final Histogram latencies = new Histogram(3);

        MeasuredClient(ThreadClient client) {
            this.client = client;
        }

        @Nullable
        Void run(long most) throws Exception {
            latencies.reset();
            long began = System.nanoTime();
            for (long i = 0; i < most && !over; i++) {
                client.request();
                long now = System.nanoTime();
                latencies.recordValue(now - began);
                began = now;
            }
            return null;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
