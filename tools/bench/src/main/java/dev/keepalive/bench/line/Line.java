package dev.keepalive.bench.line;

import dev.keepalive.bench.contenders.Contender;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a contender's, and all who wait for it. What it does it does where the contender wants it, on one thread; a waiter may be served within
 * the release before his turn, or after it.
 */
final class Line implements Consumer<Object> {
    private static final int ENDPOINT = 0;
    private static final int PATIENCE_SECONDS = 30;

    private final Contender pool;
    private CompletableFuture<Long> done = new CompletableFuture<>();
    private @Nullable Object lease;
    private int toServe;
    private boolean oneJoins;
    private boolean serving;
    private @Nullable Thread server;

    /** Leases the only connection, so that all who come wait. */
    Line(Contender pool) {
        this.pool = pool;
        pool.confine(() -> {
            try {
                lease = pool.acquire(ENDPOINT);
            } catch (Exception e) {
                throw new IllegalStateException("the first acquire failed", e);
            }
        });
    }

    /** Lets so many join. */
    void queue(int waiters) {
        pool.confine(() -> {
            for (int i = 0; i < waiters; i++) {
                pool.queue(ENDPOINT, this);
            }
        });
    }

    /** Lets as many join as there is room for their places. */
    void queue(Object[] places) {
        queue(places, 0, places.length);
    }

    /** Lets waiters join, whose places go there. */
    void queue(Object[] places, int from, int to) {
        pool.confine(() -> {
            for (int i = from; i < to; i++) {
                places[i] = pool.queue(ENDPOINT, this);
            }
        });
    }

    /** Serves the first and lets one more join, so many times. @return nanoseconds for each */
    double cycle(int times) throws InterruptedException {
        return (double) run(times, true) / times;
    }

    /** Serves the first. @return nanoseconds until he is */
    long serve() throws InterruptedException {
        return run(1, false);
    }

    /** Gives up the places from one to before another. @return nanoseconds for each */
    double withdraw(Object[] places, int from, int to) {
        long[] nanos = new long[1];
        pool.confine(() -> {
            long begin = System.nanoTime();
            for (int i = from; i < to; i++) {
                pool.withdraw(ENDPOINT, places[i]);
            }
            nanos[0] = System.nanoTime() - begin;
        });
        return (double) nanos[0] / (to - from);
    }

    private long run(int times, boolean joining) throws InterruptedException {
        done = new CompletableFuture<>();
        long[] begin = new long[1];
        pool.confine(() -> {
            server = Thread.currentThread();
            toServe = times;
            oneJoins = joining;
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

    /** A waiter's turn: he has the lease. */
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
            if (oneJoins) {
                pool.queue(ENDPOINT, this);
            }
        }
        serving = false;
        if (lease != null) {
            done.complete(System.nanoTime());
        }
    }
}
