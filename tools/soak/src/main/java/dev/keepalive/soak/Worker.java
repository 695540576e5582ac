package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One thread that acquires in every way there is, gives up at times, and does something with what it gets. */
final class Worker {
    /** An acquire that has not been answered by then, long after its timeout, never will be. */
    private static final int PATIENCE_SECONDS = 60;

    private static final int LONGEST_PAUSE_MICROS = 3000;

    private final Random random;
    private final Holder holder;
    private final Findings findings;
    private final Pokes pokes;
    private final Executor callbacks;

    Worker(
            int number,
            long seed,
            ChaosServer server,
            Findings findings,
            Pokes pokes,
            Executor callbacks,
            AtomicInteger mayForget) {
        this.random = new Random(seed * 1_000_003 + number);
        this.holder = new Holder(random, new Requests(number), server, findings, mayForget);
        this.findings = findings;
        this.pokes = pokes;
        this.callbacks = callbacks;
    }

    /** One acquire, or a burst of them, to its end. */
    void step(List<Client> clients) throws InterruptedException {
        Client client = clients.get(random.nextInt(clients.size()));
        Endpoint endpoint =
                client.endpoints().get(random.nextInt(client.endpoints().size()));
        AcquireRequest request = AcquireRequest.to(endpoint).withTimeout(timeout());
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> byFuture(client, request);
            case 4, 5, 6, 7 -> byCallback(client, request);
            case 8, 9, 10, 11 -> byWaiting(client, request);
            case 12, 13, 14 -> byUse(client, request);
            case 15, 16 -> byUseWaiting(client, request);
            case 17, 18 -> byTrying(client, endpoint);
            default -> byBurst(client, request);
        }
    }

    // ---- the ways to acquire

    private void byFuture(Client client, AcquireRequest request) throws InterruptedException {
        CompletableFuture<Lease<NettyConnection>> future = begin(client, request);
        switch (random.nextInt(10)) {
            case 0, 1 -> cancelOrTake(client, future);
            case 2 -> cancelStageOrTake(client, future);
            case 3 -> take(client, future.orTimeout(1 + random.nextInt(LONGEST_PAUSE_MICROS), TimeUnit.MICROSECONDS));
            default -> take(client, future);
        }
    }

    private void byCallback(Client client, AcquireRequest request) throws InterruptedException {
        client.tally().add(Count.STARTED);
        Answer answer = new Answer("an acquire of " + request, findings);
        Future<?> handle = client.manager().acquire(request, callbacks, answer::onLease, answer::onFailure);
        if (random.nextInt(8) == 0) {
            pause();
            if (handle.cancel(true)) {
                answer.cancelled();
                client.tally().add(Count.CANCELLED);
                return;
            }
        }
        take(client, answer.lease());
    }

    private void byWaiting(Client client, AcquireRequest request) {
        client.tally().add(Count.STARTED);
        Lease<NettyConnection> lease;
        try (Pokes.Poke poke = poke()) {
            lease = client.manager().blocking().acquire(request);
        } catch (InterruptedException e) {
            client.tally().add(Count.CANCELLED);
            client.tally().add(Count.INTERRUPTED);
            return;
        } catch (AcquireException e) {
            client.tally().failure(e);
            return;
        }
        holder.hold(lease, client);
    }

    private void byUse(Client client, AcquireRequest request) throws InterruptedException {
        client.tally().add(Count.STARTED);
        AtomicBoolean counted = new AtomicBoolean();
        CompletableFuture<Exchange.Ending> result = client.manager().use(request, lease -> {
            if (counted.compareAndSet(false, true)) {
                client.tally().lease(lease.origin());
            }
            return holder.begin(lease, client);
        });
        if (random.nextInt(6) == 0) {
            pause();
            result.cancel(true);
        }
        try {
            result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (CancellationException e) {
            if (counted.compareAndSet(false, true)) {
                client.tally().add(Count.CANCELLED);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AcquireException failure && counted.compareAndSet(false, true)) {
                client.tally().failure(failure);
            }
        } catch (TimeoutException e) {
            unanswered(client, request.toString());
        }
        if (!counted.get()) {
            findings.add("a use of " + request + " ended, and its work had never begun");
        }
    }

    private void byUseWaiting(Client client, AcquireRequest request) {
        client.tally().add(Count.STARTED);
        try (Pokes.Poke poke = poke()) {
            client.manager().blocking().use(request, lease -> {
                // From here on the worker has its lease, and nobody interrupts it.
                poke.close();
                client.tally().lease(lease.origin());
                return holder.begin(lease, client)
                        .handle((ending, failure) -> {
                            if (failure != null) {
                                lease.invalidate(failure);
                            }
                            return true;
                        })
                        .join();
            });
        } catch (InterruptedException e) {
            client.tally().add(Count.CANCELLED);
            client.tally().add(Count.INTERRUPTED);
        } catch (AcquireException e) {
            client.tally().failure(e);
        }
    }

    private void byTrying(Client client, Endpoint endpoint) {
        client.tally().add(Count.STARTED);
        Lease<NettyConnection> lease = client.manager().tryAcquire(endpoint);
        if (lease == null) {
            client.tally().add(Count.NONE_IDLE);
        } else {
            holder.hold(lease, client);
        }
    }

    private void byBurst(Client client, AcquireRequest request) throws InterruptedException {
        List<CompletableFuture<Lease<NettyConnection>>> burst = new ArrayList<>();
        for (int i = 2 + random.nextInt(6); i > 0; i--) {
            burst.add(begin(client, request));
        }
        pause();
        Collections.shuffle(burst, random);
        CompletableFuture<Lease<NettyConnection>> chosen = burst.remove(0);
        for (CompletableFuture<Lease<NettyConnection>> other : burst) {
            if (other.cancel(false)) {
                client.tally().add(Count.CANCELLED);
            } else {
                take(client, other);
            }
        }
        take(client, chosen);
    }

    // ---- what they share

    private CompletableFuture<Lease<NettyConnection>> begin(Client client, AcquireRequest request) {
        client.tally().add(Count.STARTED);
        return client.manager().acquire(request);
    }

    private void cancelOrTake(Client client, CompletableFuture<Lease<NettyConnection>> future)
            throws InterruptedException {
        pause();
        if (future.cancel(false)) {
            client.tally().add(Count.CANCELLED);
        } else {
            take(client, future);
        }
    }

    private void cancelStageOrTake(Client client, CompletableFuture<Lease<NettyConnection>> future)
            throws InterruptedException {
        CompletableFuture<Lease<NettyConnection>> stage = future.thenApply(lease -> lease);
        pause();
        if (!stage.cancel(false)) {
            take(client, stage);
            return;
        }
        client.tally().add(Count.CANCELLED);
        if (!future.isDone()) {
            findings.add("the only stage of an acquire was given up, and the acquire still waits");
        } else if (!future.isCompletedExceptionally()) {
            client.tally().add(Count.DROPPED);
        }
    }

    private void take(Client client, CompletableFuture<Lease<NettyConnection>> future) throws InterruptedException {
        Lease<NettyConnection> lease;
        try {
            lease = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            unanswered(client, "some endpoint");
            return;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AcquireException failure) {
                client.tally().failure(failure);
            } else if (e.getCause() instanceof TimeoutException) {
                client.tally().add(Count.CANCELLED);
            } else {
                findings.add("an acquire failed in a way that is not declared: " + e.getCause());
            }
            return;
        }
        holder.hold(lease, client);
    }

    private void unanswered(Client client, String what) {
        findings.add("an acquire of " + what + " was not answered within " + PATIENCE_SECONDS + " s\n"
                + client.manager().snapshot());
    }

    /** The first are the busiest. */
    private int anyOf(int endpoints) {
        return random.nextInt(1 + random.nextInt(endpoints));
    }

    /** Mostly long enough, sometimes much too short. */
    private Duration timeout() {
        return random.nextInt(10) == 0
                ? Duration.ofMillis(1 + random.nextInt(20))
                : Duration.ofMillis(1000 + random.nextInt(2000));
    }

    private Pokes.Poke poke() {
        return random.nextInt(8) == 0 ? pokes.in(random.nextInt(LONGEST_PAUSE_MICROS)) : pokes.never();
    }

    private void pause() {
        if (random.nextBoolean()) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(LONGEST_PAUSE_MICROS)));
        }
    }
}
