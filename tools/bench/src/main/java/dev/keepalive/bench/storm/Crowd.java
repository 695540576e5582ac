package dev.keepalive.bench.storm;

import dev.keepalive.bench.loopback.Client;
import dev.keepalive.bench.loopback.Exchange;
import dev.keepalive.bench.loopback.Lender;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** Clients with one request each, who all ask for a connection at once. What they count is counted on the event loop. */
final class Crowd {
    private static final int PATIENCE_SECONDS = 20;

    private final EventLoop loop;
    private final Lender lender;
    private final int count;
    private final boolean holding;
    private final CompletableFuture<Long> served = new CompletableFuture<>();
    private final CompletableFuture<Long> firstLost = new CompletableFuture<>();
    private final Histogram roundTrips = new Histogram(3);
    private int answered;

    /** @param holding whether they keep their connections when they have been answered, until these are lost */
    Crowd(EventLoop loop, Lender lender, int count, boolean holding) {
        this.loop = loop;
        this.lender = lender;
        this.count = count;
        this.holding = holding;
    }

    /** All ask. @return completes with the time when the first of them does */
    CompletableFuture<Long> ask() {
        CompletableFuture<Long> asked = new CompletableFuture<>();
        loop.execute(() -> {
            asked.complete(System.nanoTime());
            for (int i = 0; i < count; i++) {
                new One(i).borrower.acquire();
            }
        });
        return asked;
    }

    /** When the last was answered. */
    long served() throws InterruptedException {
        return get(served);
    }

    /** When the first noticed that its connection was lost. */
    long firstLost() throws InterruptedException {
        return get(firstLost);
    }

    /** The time from a request until its answer when nothing delays it, in nanoseconds: a tenth of them had less. When all have been answered. */
    double roundTrip() {
        return roundTrips.getValueAtPercentile(10);
    }

    private static long get(CompletableFuture<Long> future) throws InterruptedException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("hung", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed: " + e.getCause(), e);
        }
    }

    private final class One implements Client {
        private final Lender.Borrower borrower;
        private final long stamp;
        private long sentAt;
        private boolean holds;

        One(int number) {
            this.stamp = number;
            this.borrower = lender.borrower(this);
        }

        @Override
        public void granted(Exchange exchange) {
            sentAt = System.nanoTime();
            exchange.send(this, stamp);
        }

        @Override
        public void answered() {
            long now = System.nanoTime();
            roundTrips.recordValue(now - sentAt);
            holds = holding;
            if (!holding) {
                borrower.release();
            }
            answered++;
            if (answered == count) {
                served.complete(now);
            }
        }

        @Override
        public void lost() {
            if (holds) {
                holds = false;
                firstLost.complete(System.nanoTime());
                borrower.discard();
            }
        }

        @Override
        public void fail(Throwable cause) {
            served.completeExceptionally(cause);
            firstLost.completeExceptionally(cause);
        }
    }
}
