package dev.keepalive.bench.loopback;

import dev.keepalive.bench.slices.ResourceUsage;
import dev.keepalive.bench.slices.SliceResult;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Clients on the event loop that send requests over one pool's channels, for one slice of time after another. */
final class EventLoopLoad {
    private static final int GRACE_SECONDS = 10;

    private final EventLoop loop;
    private final long loopThread;
    private final List<LoopClient> clients = new ArrayList<>();
    private final Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(GRACE_SECONDS), 3);
    private CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private volatile boolean over;
    private int running;

    EventLoopLoad(ChannelOpener opener, ChannelPoolAdapter pool, int count) {
        this.loop = opener.loop();
        this.loopThread = opener.loopThread();
        for (int i = 1; i <= count; i++) {
            clients.add(new LoopClient(this, pool, i));
        }
        latencies.setAutoResize(true);
    }

    /**
     * Runs the clients for a slice of time.
     *
     * @throws IllegalStateException if a client fails, or is not done ten seconds after the end of the slice
     */
    SliceResult run(Duration time) throws InterruptedException {
        done = new CompletableFuture<>();
        over = false;
        latencies.reset();
        running = clients.size();
        ResourceUsage before = ResourceUsage.now(loopThread);
        loop.execute(() -> clients.forEach(LoopClient::begin));
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        try {
            done.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
        return new SliceResult(
                latencies.getTotalCount(), ResourceUsage.now(loopThread).since(before), latencies.copy());
    }

    // ---- called by the clients, on the event loop

    void served(long nanos) {
        latencies.recordValue(nanos);
    }

    boolean isOver() {
        return over;
    }

    void finished() {
        running--;
        if (running == 0) {
            done.complete(null);
        }
    }

    void fail(Throwable cause) {
        done.completeExceptionally(cause);
    }
}
