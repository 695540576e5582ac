package dev.keepalive.bench.waitqueue;

import dev.keepalive.bench.contenders.PoolAdapter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Drives the wait queue of a pool with one connection. All its work runs on one thread, through
 * {@link PoolAdapter#confine}. The pool may serve a waiter within the release or after it.
 */
final class WaitQueueDriver implements Consumer<Object> {
    private static final int ENDPOINT = 0;
    private static final int PATIENCE_SECONDS = 30;

    private final PoolAdapter pool;
    private CompletableFuture<Long> done = new CompletableFuture<>();
    private @Nullable Object lease;
    private int toServe;
    private boolean queueing;
    private boolean serving;
    private @Nullable Thread server;

    /** Leases the only connection, so that every acquire waits. */
    WaitQueueDriver(PoolAdapter pool) {
        this.pool = pool;
        pool.confine(() -> {
            try {
                lease = pool.acquire(ENDPOINT);
            } catch (Exception e) {
                throw new IllegalStateException("the first acquire failed", e);
            }
        });
    }

    /** Queues so many waiters. */
    void queue(int count) {
        pool.confine(() -> {
            for (int i = 0; i < count; i++) {
                pool.acquireAsync(ENDPOINT, this);
            }
        });
    }

    /** Queues a waiter for each element of the array, and stores it there. */
    void queue(Object[] waiters) {
        queue(waiters, 0, waiters.length);
    }

    /** Queues waiters and stores them in this part of the array. */
    void queue(Object[] waiters, int from, int to) {
        pool.confine(() -> {
            for (int i = from; i < to; i++) {
                waiters[i] = pool.acquireAsync(ENDPOINT, this);
            }
        });
    }

    /** Serves the first waiter and queues one more, so many times. @return nanoseconds for each */
    double cycle(int times) throws InterruptedException {
        return (double) run(times, true) / times;
    }

    /** Serves the first waiter. @return nanoseconds until it is served */
    long serve() throws InterruptedException {
        return run(1, false);
    }

    /** Withdraws the waiters in this part of the array. @return nanoseconds for each */
    double withdraw(Object[] waiters, int from, int to) {
        long[] nanos = new long[1];
        pool.confine(() -> {
            long begin = System.nanoTime();
            for (int i = from; i < to; i++) {
                pool.withdraw(ENDPOINT, waiters[i]);
            }
            nanos[0] = System.nanoTime() - begin;
        });
        return (double) nanos[0] / (to - from);
    }

    private long run(int times, boolean queueOneMore) throws InterruptedException {
        done = new CompletableFuture<>();
        long[] begin = new long[1];
        pool.confine(() -> {
            server = Thread.currentThread();
            toServe = times;
            queueing = queueOneMore;
            begin[0] = System.nanoTime();
            proceed();
        });
        try {
            return done.get(PATIENCE_SECONDS, TimeUnit.SECONDS) - begin[0];
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IllegalStateException known ? known : new IllegalStateException(e);
        }
    }

    // ---- on the pool's thread

    /** Serves a waiter: it has the lease. */
    @Override
    public void accept(Object next) {
        if (Thread.currentThread() != server) {
            done.completeExceptionally(new IllegalStateException("not measured: waiters are served on another thread"));
            return;
        }
        lease = next;
        if (!serving) {
            proceed();
        }
    }

    private void proceed() {
        serving = true;
        for (Object held = lease; toServe > 0 && held != null; held = lease) {
            toServe--;
            lease = null;
            pool.release(ENDPOINT, held);
            if (queueing) {
                pool.acquireAsync(ENDPOINT, this);
            }
        }
        serving = false;
        if (lease != null) {
            done.complete(System.nanoTime());
        }
    }
}
