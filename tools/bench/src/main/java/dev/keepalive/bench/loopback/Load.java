package dev.keepalive.bench.loopback;

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

/** A number of clients of one lender, which are let run for a slice of time, again and again. */
final class Load {
    private static final int GRACE_SECONDS = 10;

    private final EventLoop loop;
    private final List<SteadyClient> clients = new ArrayList<>();
    private final Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(GRACE_SECONDS), 3);
    private CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private volatile boolean over;
    private int running;

    Load(EventLoop loop, Lender lender, int count) {
        this.loop = loop;
        for (int i = 1; i <= count; i++) {
            clients.add(new SteadyClient(this, lender, i));
        }
        latencies.setAutoResize(true);
    }

    /**
     * Lets the clients run.
     *
     * @throws IllegalStateException if something goes wrong, or a client is not done some seconds after it should be
     */
    Slice run(Duration time) throws InterruptedException {
        done = new CompletableFuture<>();
        over = false;
        latencies.reset();
        running = clients.size();
        Meter before = Meter.now();
        loop.execute(() -> clients.forEach(SteadyClient::begin));
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        try {
            done.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
        return new Slice(latencies.getTotalCount(), Meter.now().since(before), latencies.copy());
    }

    // ---- for the clients, on the event loop

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
