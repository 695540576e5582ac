package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends a number of requests, several at a time, taking them in turn. No thread waits, and the memory used depends only
 * on the concurrency.
 */
final class Fetcher {
    private final Function<HttpRequest, CompletableFuture<HttpResponse<Long>>> client;
    private final List<HttpRequest> requests;
    private final long number;
    private final FetchStatistics statistics;
    private final TimeSource time;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicInteger working = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    /**
     * @param client sends a request; the body of its response is the number of its bytes
     * @param number how many requests to send in all
     */
    Fetcher(
            Function<HttpRequest, CompletableFuture<HttpResponse<Long>>> client,
            List<HttpRequest> requests,
            long number,
            FetchStatistics statistics,
            TimeSource time) {
        this.client = client;
        this.requests = List.copyOf(requests);
        this.number = number;
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
        int workers = (int) Math.min(concurrency, number);
        working.set(workers);
        for (int i = 0; i < workers; i++) {
            new Worker().proceed();
        }
        return done;
    }

    /** Sends one request after another. */
    private final class Worker {
        private final AtomicInteger steps = new AtomicInteger();

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
            long next = begun.getAndIncrement();
            if (next >= number) {
                if (working.decrementAndGet() == 0) {
                    done.complete(null);
                }
                return;
            }
            long since = time.nanoTime();
            send(requests.get((int) (next % requests.size()))).whenComplete((response, failure) -> {
                long took = time.nanoTime() - since;
                if (failure == null) {
                    statistics.answered(response.version(), response.statusCode(), response.body(), took);
                } else {
                    statistics.failed(ErrorText.unwrapped(failure), took);
                }
                proceed();
            });
        }

        private CompletableFuture<HttpResponse<Long>> send(HttpRequest request) {
            try {
                return client.apply(request);
            } catch (IllegalArgumentException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }
}
