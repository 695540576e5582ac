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
    /** An exchange that has no end by then, long after the end of its lease, never has one. */
    private static final int PATIENCE_SECONDS = 60;

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

    /**
     * Uses a lease that the worker owns, and ends it.
     *
     * @param since when its acquire had not begun yet, in nanoseconds
     */
    void hold(Lease<Requests<CheckedExchange, String>> lease, long since, ManagerUnderTest tested) {
        tested.tally().lease(lease.origin());
        int drawn = random.nextInt(1000);
        if (drawn < 5 && leaksAllowed.getAndDecrement() > 0) {
            leak(lease, tested);
        } else if (drawn < 30) {
            release(lease);
        } else if (drawn < 60) {
            abandon(lease, since, tested);
        } else if (exchanges(lease, since, tested)) {
            endInSomeWay(lease);
        }
    }

    /**
     * An exchange of a lease, or some if its connection is shared. Else the server's faults are meant for the next
     * lease.
     *
     * @return false if one of them went wrong: then the lease has been ended
     */
    boolean exchanges(Lease<Requests<CheckedExchange, String>> lease, long since, ManagerUnderTest tested) {
        CheckedExchange.LeaseUse use = new CheckedExchange.LeaseUse(requests.fresh(), since);
        boolean isShared = EndpointKind.of(lease.request().endpoint()).isShared();
        for (int left = isShared ? 1 + random.nextInt(3) : 1; left > 0; left--) {
            if (!exchange(lease, use, tested)) {
                return false;
            }
        }
        return true;
    }

    /** Starts an exchange without waiting for it. May be called on any thread while the worker waits. */
    CompletableFuture<CheckedExchange.Ending> begin(
            Lease<Requests<CheckedExchange, String>> lease, long since, ManagerUnderTest tested) {
        CheckedExchange exchange = exchange(new CheckedExchange.LeaseUse(requests.fresh(), since));
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

    private CheckedExchange exchange(CheckedExchange.LeaseUse use) {
        return new CheckedExchange(use, requests, findings);
    }

    /** Ends the lease while its answer is outstanding: the exchange then ends as well, and nobody else's. */
    private void abandon(Lease<Requests<CheckedExchange, String>> lease, long since, ManagerUnderTest tested) {
        CheckedExchange exchange = exchange(new CheckedExchange.LeaseUse(requests.fresh(), since));
        CompletableFuture<CheckedExchange.Ending> ending = exchange.begin(lease);
        endInSomeWay(lease);
        tested.tally().add(WorkerCount.ABANDONED);
        try {
            ending.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            findings.add("an exchange has no end although its lease was ended: " + lease);
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("an exchange cannot fail or be interrupted", e);
        }
    }

    private boolean exchange(
            Lease<Requests<CheckedExchange, String>> lease, CheckedExchange.LeaseUse use, ManagerUnderTest tested) {
        CheckedExchange exchange = exchange(use);
        try {
            CheckedExchange.Ending ending = exchange.begin(lease).get(exchangeMillis(), TimeUnit.MILLISECONDS);
            count(ending, tested);
            switch (ending) {
                case ANSWERED -> {
                    return true;
                }
                case STRAY -> lease.invalidate();
                case BROKEN -> endBroken(lease, exchange);
            }
        } catch (TimeoutException stalled) {
            tested.tally().add(WorkerCount.GIVEN_UP);
            endInSomeWay(lease);
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError("an exchange cannot fail or be interrupted", e);
        } catch (IllegalStateException ended) {
            findings.add("a lease had ended before its holder ended it: " + lease);
        }
        return false;
    }

    private void endBroken(Lease<Requests<CheckedExchange, String>> lease, CheckedExchange exchange) {
        // What a stream's server has not processed is no matter of the connection, which goes on.
        boolean mayHappen = isOfStream(lease) && exchange.isUnsent();
        boolean known = exchange.clientPort() != 0;
        if (known && !mayHappen && !server.isToBlame(lease.request().endpoint(), exchange.clientPort())) {
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

    private static boolean isOfStream(Lease<?> lease) {
        return EndpointKind.of(lease.request().endpoint()) == EndpointKind.MUX;
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

    /** Ends a lease that the worker owns, and keeps the connection. */
    void release(Lease<Requests<CheckedExchange, String>> lease) {
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
