package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.Requests;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one worker does with its leases: exchanges, and every way of ending a lease, some of them rude. Every exchange
 * has a timeout, so no lease is held for ever except those leaked on purpose. Used by one worker, except for
 * {@link #begin}.
 */
final class LeaseHolder {
    private static final int SHORTEST_EXCHANGE_MILLIS = 100;
    private static final int LONGEST_EXCHANGE_MILLIS = 400;

    private final Random random;
    private final RequestNumbers requests;
    private final ChaosServer server;
    private final SoakFindings findings;
    private final AtomicInteger leaksAllowed;

    LeaseHolder(
            Random random,
            RequestNumbers requests,
            ChaosServer server,
            SoakFindings findings,
            AtomicInteger leaksAllowed) {
        this.leaksAllowed = leaksAllowed;
        this.random = random;
        this.requests = requests;
        this.server = server;
        this.findings = findings;
    }

    /** Uses a lease that the worker owns, and ends it. */
    void hold(Lease<Requests<CheckedExchange, String>> lease, ManagerUnderTest tested) {
        tested.tally().lease(lease.origin());
        int drawn = random.nextInt(1000);
        if (drawn < 5 && leaksAllowed.getAndDecrement() > 0) {
            leak(lease, tested);
        } else if (drawn < 30) {
            release(lease);
        } else {
            CheckedExchange exchange = new CheckedExchange(requests.next(), findings);
            try {
                exchange.begin(lease);
                end(lease, exchange, tested);
            } catch (IllegalStateException ended) {
                findings.add("a lease had ended before its holder ended it: " + lease);
            }
        }
    }

    /** Starts an exchange without waiting for it. May be called on any thread while the worker waits. */
    CompletableFuture<CheckedExchange.Ending> begin(
            Lease<Requests<CheckedExchange, String>> lease, ManagerUnderTest tested) {
        CheckedExchange exchange = new CheckedExchange(requests.next(), findings);
        return exchange.begin(lease)
                .orTimeout(exchangeMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((ending, failure) -> {
                    if (ending == null) {
                        tested.tally().add(WorkerCount.GIVEN_UP);
                    } else {
                        count(ending, tested);
                    }
                })
                .thenApply(ending -> {
                    if (ending != CheckedExchange.Ending.ANSWERED) {
                        throw new IllegalArgumentException("the exchange is " + ending);
                    }
                    return ending;
                });
    }

    private void leak(Lease<Requests<CheckedExchange, String>> lease, ManagerUnderTest tested) {
        tested.tally().add(WorkerCount.LEAKED);
        if (random.nextBoolean()) {
            lease.connection();
        }
    }

    private void end(
            Lease<Requests<CheckedExchange, String>> lease, CheckedExchange exchange, ManagerUnderTest tested) {
        try {
            CheckedExchange.Ending ending = exchange.ending().get(exchangeMillis(), TimeUnit.MILLISECONDS);
            count(ending, tested);
            switch (ending) {
                case ANSWERED -> endInSomeWay(lease);
                case STRAY -> lease.invalidate();
                case BROKEN -> endBroken(lease, exchange);
            }
        } catch (TimeoutException stalled) {
            tested.tally().add(WorkerCount.GIVEN_UP);
            lease.invalidate(stalled);
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("an exchange cannot fail or be interrupted", e);
        }
    }

    private void endBroken(Lease<Requests<CheckedExchange, String>> lease, CheckedExchange exchange) {
        boolean known = exchange.clientPort() != 0;
        if (known && !server.isToBlame(lease.request().endpoint(), exchange.clientPort())) {
            findings.add("a connection to " + lease.request().endpoint()
                    + " broke under its holder although the server did nothing to it: " + exchange.failure()
                    + ", caused by " + causeOf(exchange.failure()) + ", at lease " + lease.uses() + " from port "
                    + exchange.clientPort());
        }
        if (random.nextBoolean()) {
            lease.release();
        } else {
            lease.invalidate();
        }
    }

    private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
        return failure == null ? null : failure.getCause();
    }

    private void endInSomeWay(Lease<Requests<CheckedExchange, String>> lease) {
        switch (random.nextInt(30)) {
            case 0 -> lease.invalidate();
            case 1 -> lease.close();
            case 2 -> endTwice(lease);
            case 3 -> endFromTwoThreads(lease);
            default -> release(lease);
        }
    }

    private void release(Lease<Requests<CheckedExchange, String>> lease) {
        if (!lease.release()) {
            findings.add("a lease that had not ended could not be released: " + lease);
        }
    }

    private void endTwice(Lease<Requests<CheckedExchange, String>> lease) {
        release(lease);
        boolean second = random.nextBoolean() ? lease.release() : lease.invalidate();
        if (second) {
            findings.add("a lease was ended twice: " + lease);
        }
        try {
            lease.connection();
            findings.add("a lease had a connection after its end: " + lease);
        } catch (IllegalStateException ended) {
            // as promised
        }
    }

    private void endFromTwoThreads(Lease<Requests<CheckedExchange, String>> lease) {
        CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(lease::invalidate);
        boolean mine = lease.release();
        if (mine == other.join()) {
            findings.add("a lease was ended by " + (mine ? "both" : "neither") + " of two threads: " + lease);
        }
    }

    private void count(CheckedExchange.Ending ending, ManagerUnderTest tested) {
        tested.tally()
                .add(
                        switch (ending) {
                            case ANSWERED -> WorkerCount.ANSWERED;
                            case BROKEN -> WorkerCount.BROKEN;
                            case STRAY -> WorkerCount.STRAY;
                        });
    }

    private int exchangeMillis() {
        return SHORTEST_EXCHANGE_MILLIS + random.nextInt(LONGEST_EXCHANGE_MILLIS - SHORTEST_EXCHANGE_MILLIS);
    }
}
