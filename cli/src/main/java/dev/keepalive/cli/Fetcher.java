package dev.keepalive.cli;

import dev.keepalive.ConnectionManager;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.spi.TimeSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes a number of requests, some at a time, taking the targets in turn. No thread waits, and what it takes of memory
 * depends on the concurrency only.
 */
final class Fetcher {
    /**
     * How often a request is sent again after a kept connection had closed under it. Each time takes one such
     * connection away.
     */
    private static final int MAX_RETRIES = 3;

    private final ConnectionManager<NettyConnection> connections;
    private final List<Target> targets;
    private final long requests;
    private final boolean keepAlive;
    private final Tally tally;
    private final TimeSource time;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicInteger working = new AtomicInteger();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    Fetcher(
            ConnectionManager<NettyConnection> connections,
            List<Target> targets,
            long requests,
            boolean keepAlive,
            Tally tally,
            TimeSource time) {
        this.connections = connections;
        this.targets = List.copyOf(targets);
        this.requests = requests;
        this.keepAlive = keepAlive;
        this.tally = tally;
        this.time = time;
    }

    /**
     * Begins; called once.
     *
     * @param concurrency how many requests may be under way at a time
     * @return completes when all requests have ended, one way or another
     */
    CompletableFuture<@Nullable Void> start(int concurrency) {
        int workers = (int) Math.min(concurrency, requests);
        working.set(workers);
        for (int i = 0; i < workers; i++) {
            new Worker().proceed();
        }
        return done;
    }

    /** Makes one request after the other. */
    private final class Worker {
        private final AtomicInteger steps = new AtomicInteger();

        // Touched by a step and by the end of its request, which happen one after the other.
        private @Nullable Target target;
        private long since;
        private int retries;

        /**
         * Takes the next step. When a request ends before the step that began it has returned, that step's caller goes
         * on, and not this one: so the stack does not grow with the number of requests.
         */
        void proceed() {
            if (steps.getAndIncrement() == 0) {
                do {
                    step();
                } while (steps.decrementAndGet() > 0);
            }
        }

        private void step() {
            Target current = target;
            if (current == null) {
                current = next();
            }
            if (current == null) {
                if (working.decrementAndGet() == 0) {
                    done.complete(null);
                }
                return;
            }
            Exchange exchange = new Exchange(current, keepAlive);
            begin(current, exchange).whenComplete((same, failure) -> ended(exchange, failure));
        }

        private @Nullable Target next() {
            long number = begun.getAndIncrement();
            if (number >= requests) {
                return null;
            }
            since = time.nanoTime();
            retries = 0;
            target = targets.get((int) (number % targets.size()));
            return target;
        }

        private CompletableFuture<Exchange> begin(Target current, Exchange exchange) {
            try {
                return connections.use(current.endpoint(), exchange::begin);
            } catch (IllegalArgumentException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private void ended(Exchange exchange, @Nullable Throwable failure) {
            if (failure != null && exchange.mayBeRetried() && retries < MAX_RETRIES) {
                retries++;
                tally.retried(exchange.lease());
            } else {
                target = null;
                long took = time.nanoTime() - since;
                if (failure == null) {
                    tally.answered(exchange.lease(), exchange.status(), exchange.bytes(), took);
                } else {
                    tally.failed(exchange.lease(), Errors.unwrapped(failure), took);
                }
            }
            proceed();
        }
    }
}
