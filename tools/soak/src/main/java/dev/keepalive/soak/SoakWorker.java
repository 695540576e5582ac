package dev.keepalive.soak;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.Requests;
import dev.keepalive.spi.TimeSource;
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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One thread that acquires in every way there is, gives up at times, and uses and ends what it gets. */
final class SoakWorker {
    /** An acquire without an answer by then, long after its timeout, will never be answered. */
    private static final int PATIENCE_SECONDS = 60;

    private static final int LONGEST_PAUSE_MICROS = 3000;

    private final Random random;
    private final LeaseHolder holder;
    private final SoakFindings findings;
    private final WorkerInterrupts interrupts;
    private final Executor callbacks;
    private final TimeSource time = TimeSource.system();

    /** When the present step began; none of its acquires had begun by then. */
    private long since;

    SoakWorker(
            int number,
            long seed,
            ChaosServer server,
            SoakFindings findings,
            WorkerInterrupts interrupts,
            Executor callbacks,
            AtomicInteger leaksAllowed) {
        this.random = new Random(seed * 1_000_003 + number);
        this.holder = new LeaseHolder(random, new RequestNumbers(number), server, findings, leaksAllowed);
        this.findings = findings;
        this.interrupts = interrupts;
        this.callbacks = callbacks;
    }

    /**
     * Acquires again and again at one endpoint, each time before it ends the lease that it has: so a shared connection
     * is never free.
     */
    void renew(ManagerUnderTest tested, Endpoint endpoint, BooleanSupplier over) throws InterruptedException {
        Lease<Requests<CheckedExchange, String>> held = null;
        while (!over.getAsBoolean()) {
            since = time.nanoTime();
            Lease<Requests<CheckedExchange, String>> next =
                    received(tested, begin(tested, AcquireRequest.to(endpoint).withTimeout(timeout())));
            if (held != null) {
                holder.release(held);
            }
            held = next;
            if (held == null) {
                pause();
            } else {
                tested.tally().lease(held.origin());
                tested.tally().add(WorkerCount.RENEWED);
                held = holder.exchanges(held, since, tested) ? held : null;
            }
        }
        if (held != null) {
            holder.release(held);
        }
    }

    /** Makes one acquire, or a burst of them, and follows it to its end. */
    void step(List<ManagerUnderTest> managers) throws InterruptedException {
        since = time.nanoTime();
        ManagerUnderTest tested = managers.get(random.nextInt(managers.size()));
        Endpoint endpoint =
                tested.endpoints().get(random.nextInt(tested.endpoints().size()));
        AcquireRequest request = AcquireRequest.to(endpoint).withTimeout(timeout());
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> byFuture(tested, request);
            case 4, 5, 6, 7 -> byCallback(tested, request);
            case 8, 9, 10, 11 -> byBlocking(tested, request);
            case 12, 13, 14 -> byUse(tested, request);
            case 15, 16 -> byBlockingUse(tested, request);
            case 17, 18 -> byTryAcquire(tested, endpoint);
            default -> byBurst(tested, request);
        }
    }

    // ---- the ways to acquire

    private void byFuture(ManagerUnderTest tested, AcquireRequest request) throws InterruptedException {
        CompletableFuture<Lease<Requests<CheckedExchange, String>>> future = begin(tested, request);
        switch (random.nextInt(10)) {
            case 0, 1 -> cancelOrTake(tested, future);
            case 2 -> cancelStageOrTake(tested, future);
            case 3 -> take(tested, future.orTimeout(1 + random.nextInt(LONGEST_PAUSE_MICROS), TimeUnit.MICROSECONDS));
            default -> take(tested, future);
        }
    }

    private void byCallback(ManagerUnderTest tested, AcquireRequest request) throws InterruptedException {
        tested.tally().add(WorkerCount.STARTED);
        CallbackCheck answer = new CallbackCheck("an acquire of " + request, findings);
        Future<?> handle = tested.manager().acquire(request, callbacks, answer::onLease, answer::onFailure);
        if (random.nextInt(8) == 0) {
            pause();
            if (handle.cancel(true)) {
                answer.cancelled();
                tested.tally().add(WorkerCount.CANCELLED);
                return;
            }
        }
        take(tested, answer.lease());
    }

    private void byBlocking(ManagerUnderTest tested, AcquireRequest request) {
        tested.tally().add(WorkerCount.STARTED);
        Lease<Requests<CheckedExchange, String>> lease;
        try (WorkerInterrupts.PendingInterrupt interrupt = interruptSometimes()) {
            lease = tested.manager().blocking().acquire(request);
        } catch (InterruptedException e) {
            tested.tally().add(WorkerCount.CANCELLED);
            tested.tally().add(WorkerCount.INTERRUPTED);
            return;
        } catch (AcquireException e) {
            tested.tally().failure(e);
            return;
        }
        holder.hold(lease, since, tested);
    }

    private void byUse(ManagerUnderTest tested, AcquireRequest request) throws InterruptedException {
        tested.tally().add(WorkerCount.STARTED);
        AtomicBoolean counted = new AtomicBoolean();
        long begun = since; // what runs when the work begins, may run after this step
        CompletableFuture<CheckedExchange.Ending> result = tested.manager().use(request, lease -> {
            if (counted.compareAndSet(false, true)) {
                tested.tally().lease(lease.origin());
            }
            return holder.begin(lease, begun, tested);
        });
        if (random.nextInt(6) == 0) {
            pause();
            result.cancel(true);
        }
        try {
            result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (CancellationException e) {
            if (counted.compareAndSet(false, true)) {
                tested.tally().add(WorkerCount.CANCELLED);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AcquireException failure && counted.compareAndSet(false, true)) {
                tested.tally().failure(failure);
            }
        } catch (TimeoutException e) {
            unanswered(tested, request.toString());
        }
        if (!counted.get()) {
            findings.add("a use of " + request + " ended before its work began");
        }
    }

    private void byBlockingUse(ManagerUnderTest tested, AcquireRequest request) {
        tested.tally().add(WorkerCount.STARTED);
        try (WorkerInterrupts.PendingInterrupt interrupt = interruptSometimes()) {
            tested.manager().blocking().use(request, lease -> {
                // From here on the worker has its lease and must not be interrupted.
                interrupt.close();
                tested.tally().lease(lease.origin());
                return holder.begin(lease, since, tested)
                        .handle((ending, failure) -> {
                            if (failure != null) {
                                lease.invalidate(failure);
                            }
                            return true;
                        })
                        .join();
            });
        } catch (InterruptedException e) {
            tested.tally().add(WorkerCount.CANCELLED);
            tested.tally().add(WorkerCount.INTERRUPTED);
        } catch (AcquireException e) {
            tested.tally().failure(e);
        }
    }

    private void byTryAcquire(ManagerUnderTest tested, Endpoint endpoint) {
        tested.tally().add(WorkerCount.STARTED);
        Lease<Requests<CheckedExchange, String>> lease = tested.manager().tryAcquire(endpoint);
        if (lease == null) {
            tested.tally().add(WorkerCount.NONE_IDLE);
        } else {
            holder.hold(lease, since, tested);
        }
    }

    private void byBurst(ManagerUnderTest tested, AcquireRequest request) throws InterruptedException {
        List<CompletableFuture<Lease<Requests<CheckedExchange, String>>>> burst = new ArrayList<>();
        for (int i = 2 + random.nextInt(6); i > 0; i--) {
            burst.add(begin(tested, request));
        }
        pause();
        Collections.shuffle(burst, random);
        CompletableFuture<Lease<Requests<CheckedExchange, String>>> chosen = burst.remove(0);
        for (CompletableFuture<Lease<Requests<CheckedExchange, String>>> other : burst) {
            if (other.cancel(false)) {
                tested.tally().add(WorkerCount.CANCELLED);
            } else {
                take(tested, other);
            }
        }
        take(tested, chosen);
    }

    // ---- shared parts

    private CompletableFuture<Lease<Requests<CheckedExchange, String>>> begin(
            ManagerUnderTest tested, AcquireRequest request) {
        tested.tally().add(WorkerCount.STARTED);
        return tested.manager().acquire(request);
    }

    private void cancelOrTake(
            ManagerUnderTest tested, CompletableFuture<Lease<Requests<CheckedExchange, String>>> future)
            throws InterruptedException {
        pause();
        if (future.cancel(false)) {
            tested.tally().add(WorkerCount.CANCELLED);
        } else {
            take(tested, future);
        }
    }

    private void cancelStageOrTake(
            ManagerUnderTest tested, CompletableFuture<Lease<Requests<CheckedExchange, String>>> future)
            throws InterruptedException {
        CompletableFuture<Lease<Requests<CheckedExchange, String>>> stage = future.thenApply(lease -> lease);
        pause();
        if (!stage.cancel(false)) {
            take(tested, stage);
            return;
        }
        tested.tally().add(WorkerCount.CANCELLED);
        if (!future.isDone()) {
            findings.add("the only stage of an acquire was cancelled, but the acquire still waits");
        } else if (!future.isCompletedExceptionally()) {
            tested.tally().add(WorkerCount.DROPPED);
        }
    }

    private void take(ManagerUnderTest tested, CompletableFuture<Lease<Requests<CheckedExchange, String>>> future)
            throws InterruptedException {
        Lease<Requests<CheckedExchange, String>> lease = received(tested, future);
        if (lease != null) {
            holder.hold(lease, since, tested);
        }
    }

    /** The lease; null if the acquire has failed, which is counted. */
    private @Nullable Lease<Requests<CheckedExchange, String>> received(
            ManagerUnderTest tested, CompletableFuture<Lease<Requests<CheckedExchange, String>>> future)
            throws InterruptedException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            unanswered(tested, "some endpoint");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AcquireException failure) {
                tested.tally().failure(failure);
            } else if (e.getCause() instanceof TimeoutException) {
                tested.tally().add(WorkerCount.CANCELLED);
            } else {
                findings.add("an acquire failed with an undeclared exception: " + e.getCause());
            }
        }
        return null;
    }

    private void unanswered(ManagerUnderTest tested, String what) {
        findings.add("an acquire of " + what + " was not answered within " + PATIENCE_SECONDS + " s\n"
                + tested.manager().snapshot());
    }

    /** Mostly long enough, sometimes much too short. */
    private Duration timeout() {
        return random.nextInt(10) == 0
                ? Duration.ofMillis(1 + random.nextInt(20))
                : Duration.ofMillis(1000 + random.nextInt(2000));
    }

    private WorkerInterrupts.PendingInterrupt interruptSometimes() {
        return random.nextInt(8) == 0 ? interrupts.after(random.nextInt(LONGEST_PAUSE_MICROS)) : interrupts.never();
    }

    private void pause() {
        if (random.nextBoolean()) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(LONGEST_PAUSE_MICROS)));
        }
    }
}
