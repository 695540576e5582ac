package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.slices.ResourceUsage;
import dev.keepalive.bench.slices.SliceResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Clients without threads: each sends its next request where it is told of the answer to the one before. */
final class CallbackLoad {
    private static final int GRACE_SECONDS = 30;

    private final HttpTarget target;
    private final List<CallbackClient> clients;
    private final AtomicInteger running = new AtomicInteger();
    private CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private volatile boolean over;

    CallbackLoad(HttpContender contender, HttpTarget target, int count) {
        this.target = target;
        this.clients = Stream.generate(() -> new CallbackClient(contender.newSender()))
                .limit(count)
                .toList();
    }

    /**
     * Runs the clients for a slice of time.
     *
     * @throws IllegalStateException if a request fails, or is not answered 30 seconds after the end of the slice
     */
    SliceResult run(Duration time) throws InterruptedException {
        done = new CompletableFuture<>();
        over = false;
        running.set(clients.size());
        clients.forEach(client -> client.latencies.reset());
        ResourceUsage before = ResourceUsage.now(ResourceUsage.NO_LOOP);
        clients.forEach(CallbackClient::send);
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        over = true;
        try {
            done.get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
        ResourceUsage used = ResourceUsage.now(ResourceUsage.NO_LOOP).since(before);
        Histogram all = new Histogram(3);
        clients.forEach(client -> all.add(client.latencies));
        return new SliceResult(all.getTotalCount(), used, all);
    }

    /** One client. It has one request under way, so no two threads are here at a time. */
    private final class CallbackClient implements AnswerListener {
        private final RequestSender sender;
        private final Histogram latencies = new Histogram(3);
        private long began;

        CallbackClient(RequestSender sender) {
            this.sender = sender;
        }

        void send() {
            began = System.nanoTime();
            sender.send(this);
        }

        @Override
        public void answered(int status, int bytes) {
            latencies.recordValue(System.nanoTime() - began);
            try {
                target.check(status, bytes);
            } catch (IllegalStateException e) {
                failed(e);
                return;
            }
            if (!over) {
                send();
            } else if (running.decrementAndGet() == 0) {
                done.complete(null);
            }
        }

        @Override
        public void failed(Throwable cause) {
            done.completeExceptionally(cause);
        }
    }
}
