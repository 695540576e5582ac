package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnection;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one worker does with its leases: exchanges, and ends them in every way there is, some of them rude. An exchange
 * has a timeout of its own, so no lease is held for ever but those that are forgotten on purpose. Used by one worker,
 * but for {@link #begin}.
 */
final class Holder {
    private static final int SHORTEST_EXCHANGE_MILLIS = 100;
    private static final int LONGEST_EXCHANGE_MILLIS = 400;

    private final Random random;
    private final Requests requests;
    private final ChaosServer server;
    private final Findings findings;
    private final AtomicInteger mayForget;

    Holder(Random random, Requests requests, ChaosServer server, Findings findings, AtomicInteger mayForget) {
        this.mayForget = mayForget;
        this.random = random;
        this.requests = requests;
        this.server = server;
        this.findings = findings;
    }

    /** Does something with a lease that the worker owns. */
    void hold(Lease<NettyConnection> lease, Client client) {
        client.tally().lease(lease.origin());
        int drawn = random.nextInt(1000);
        if (drawn < 5 && mayForget.getAndDecrement() > 0) {
            forget(lease, client);
        } else if (drawn < 30) {
            release(lease);
        } else {
            Exchange exchange = new Exchange(requests.next(), findings);
            try {
                exchange.begin(lease);
                end(lease, exchange, client);
            } catch (IllegalStateException ended) {
                findings.add("a lease had ended that nobody ended: " + lease);
            }
        }
    }

    /** An exchange that is not waited for. May be called on any thread, the worker waiting meanwhile. */
    CompletableFuture<Exchange.Ending> begin(Lease<NettyConnection> lease, Client client) {
        Exchange exchange = new Exchange(requests.next(), findings);
        return exchange.begin(lease)
                .orTimeout(exchangeMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((ending, failure) -> {
                    if (ending == null) {
                        client.tally().add(Count.GIVEN_UP);
                    } else {
                        count(ending, client);
                    }
                })
                .thenApply(ending -> {
                    if (ending != Exchange.Ending.ANSWERED) {
                        throw new IllegalArgumentException("the exchange is " + ending);
                    }
                    return ending;
                });
    }

    private void forget(Lease<NettyConnection> lease, Client client) {
        client.tally().add(Count.FORGOTTEN);
        if (random.nextBoolean()) {
            lease.connection();
        }
    }

    private void end(Lease<NettyConnection> lease, Exchange exchange, Client client) {
        try {
            Exchange.Ending ending = exchange.ending().get(exchangeMillis(), TimeUnit.MILLISECONDS);
            count(ending, client);
            switch (ending) {
                case ANSWERED -> endAnyhow(lease);
                case STRAY -> lease.invalidate();
                case BROKEN -> endBroken(lease, exchange);
            }
        } catch (TimeoutException stalled) {
            client.tally().add(Count.GIVEN_UP);
            lease.invalidate(stalled);
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("nobody fails or interrupts an exchange", e);
        }
    }

    private void endBroken(Lease<NettyConnection> lease, Exchange exchange) {
        boolean known = exchange.clientPort() != 0;
        if (known && !server.isToBlame(lease.request().endpoint(), exchange.clientPort())) {
            findings.add("a connection to " + lease.request().endpoint()
                    + " broke under its holder, and the server has done nothing to it");
        }
        if (random.nextBoolean()) {
            lease.release();
        } else {
            lease.invalidate();
        }
    }

    private void endAnyhow(Lease<NettyConnection> lease) {
        switch (random.nextInt(30)) {
            case 0 -> lease.invalidate();
            case 1 -> lease.close();
            case 2 -> endTwice(lease);
            case 3 -> endTogether(lease);
            default -> release(lease);
        }
    }

    private void release(Lease<NettyConnection> lease) {
        if (!lease.release()) {
            findings.add("a lease could not be released that nobody had ended: " + lease);
        }
    }

    private void endTwice(Lease<NettyConnection> lease) {
        release(lease);
        boolean second = random.nextBoolean() ? lease.release() : lease.invalidate();
        if (second) {
            findings.add("a lease was ended twice: " + lease);
        }
        try {
            lease.connection();
            findings.add("a lease had a connection after its end: " + lease);
        } catch (IllegalStateException ended) {
            // so it should
        }
    }

    private void endTogether(Lease<NettyConnection> lease) {
        CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(lease::invalidate);
        boolean mine = lease.release();
        if (mine == other.join()) {
            findings.add("a lease was ended by " + (mine ? "both" : "neither") + " of two: " + lease);
        }
    }

    private void count(Exchange.Ending ending, Client client) {
        client.tally()
                .add(
                        switch (ending) {
                            case ANSWERED -> Count.ANSWERED;
                            case BROKEN -> Count.BROKEN;
                            case STRAY -> Count.STRAY;
                        });
    }

    private int exchangeMillis() {
        return SHORTEST_EXCHANGE_MILLIS + random.nextInt(LONGEST_EXCHANGE_MILLIS - SHORTEST_EXCHANGE_MILLIS);
    }
}
