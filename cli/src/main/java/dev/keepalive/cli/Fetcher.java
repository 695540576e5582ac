package dev.keepalive.cli;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.netty.Requests;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes a number of requests, several at a time, taking the targets in turn. No thread waits, and the memory used
 * depends only on the concurrency.
 */
final class Fetcher {
    /**
     * How often a request is sent again after a kept connection was closed under it. Each retry uses up one such
     * connection; the last one takes a fresh connection.
     */
    private static final int MAX_RETRIES = 3;

    private final ConnectionManager<Requests<HttpExchange, HttpExchange>> connections;
    private final List<FetchTarget> targets;
    private final Duration responseTimeout;
    private final long requests;
    private final boolean keepAlive;
    private final FetchStatistics statistics;
    private final TimeSource time;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicInteger working = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    Fetcher(
            ConnectionManager<Requests<HttpExchange, HttpExchange>> connections,
            List<FetchTarget> targets,
            Duration responseTimeout,
            long requests,
            boolean keepAlive,
            FetchStatistics statistics,
            TimeSource time) {
        this.connections = connections;
        this.targets = List.copyOf(targets);
        this.responseTimeout = responseTimeout;
        this.requests = requests;
        this.keepAlive = keepAlive;
        this.statistics = statistics;
        this.time = time;
    }

    /**
     * Starts; called once.
     *
     * @param concurrency how many requests may be under way at a time
     * @return completes when all requests have ended, successfully or not
     */
    CompletableFuture<@Nullable Void> start(int concurrency) {
        int workers = (int) Math.min(concurrency, requests);
        working.set(workers);
        for (int i = 0; i < workers; i++) {
            new Worker().proceed();
        }
        return done;
    }

    /** Makes one request after another. */
    private final class Worker {
        private final AtomicInteger steps = new AtomicInteger();

        // Used by a step and by the end of its request, which follow each other.
        private @Nullable FetchTarget target;
        private long since;
        private int retries;

        /**
         * Takes the next step. If a request ends before its step has returned, the caller of that step continues
         * instead of this call. So the stack does not grow with the number of requests.
         */
        void proceed() {
            if (steps.getAndIncrement() == 0) {
                do {
                    step();
                } while (steps.decrementAndGet() > 0);
            }
        }

        private void step() {
            FetchTarget current = target;
            if (current == null) {
                current = next();
            }
            if (current == null) {
                if (working.decrementAndGet() == 0) {
                    done.complete(null);
                }
                return;
            }
            HttpExchange exchange = new HttpExchange(current, responseTimeout, keepAlive);
            begin(current, exchange).whenComplete((same, failure) -> ended(exchange, failure));
        }

        private @Nullable FetchTarget next() {
            long number = begun.getAndIncrement();
            if (number >= requests) {
                return null;
            }
            since = time.nanoTime();
            retries = 0;
            target = targets.get((int) (number % targets.size()));
            return target;
        }

        private CompletableFuture<HttpExchange> begin(FetchTarget current, HttpExchange exchange) {
            try {
                AcquireRequest request = AcquireRequest.to(current.endpoint());
                return connections.use(retries < MAX_RETRIES ? request : request.fresh(), exchange::begin);
            } catch (IllegalArgumentException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private void ended(HttpExchange exchange, @Nullable Throwable failure) {
            if (failure != null && exchange.mayBeRetried() && retries < MAX_RETRIES) {
                retries++;
                statistics.retried(exchange.lease());
            } else {
                target = null;
                long took = time.nanoTime() - since;
                if (failure == null) {
                    statistics.answered(exchange.lease(), exchange.status(), exchange.bytes(), took);
                } else {
                    statistics.failed(exchange.lease(), ErrorText.unwrapped(failure), took);
                }
            }
            proceed();
        }
    }
}
