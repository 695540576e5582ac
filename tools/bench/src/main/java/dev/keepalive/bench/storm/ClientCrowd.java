package dev.keepalive.bench.storm;

import dev.keepalive.bench.loopback.ChannelPoolAdapter;
import dev.keepalive.bench.loopback.RequestClient;
import dev.keepalive.bench.loopback.RequestConnection;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** Clients with one request each, which all acquire a connection at once. Their counters belong to the event loop. */
final class ClientCrowd {
    private static final int PATIENCE_SECONDS = 20;

    private final EventLoop loop;
    private final ChannelPoolAdapter pool;
    private final int count;
    private final boolean holding;
    private final CompletableFuture<Long> lastAnswer = new CompletableFuture<>();
    private final CompletableFuture<Long> firstLoss = new CompletableFuture<>();
    private final Histogram roundTrips = new Histogram(3);
    private int answered;

    /** @param holding true if clients keep their connections after the answer, until the server closes them */
    ClientCrowd(EventLoop loop, ChannelPoolAdapter pool, int count, boolean holding) {
        this.loop = loop;
        this.pool = pool;
        this.count = count;
        this.holding = holding;
    }

    /** Lets all clients acquire. @return completes with the time of the first acquire */
    CompletableFuture<Long> acquire() {
        CompletableFuture<Long> asked = new CompletableFuture<>();
        loop.execute(() -> {
            asked.complete(System.nanoTime());
            for (int i = 0; i < count; i++) {
                new CrowdClient(i).source.acquire();
            }
        });
        return asked;
    }

    /** Waits for the last answer; returns its time. */
    long awaitLastAnswer() throws InterruptedException {
        return get(lastAnswer);
    }

    /** Waits until the first client loses its connection; returns the time. */
    long awaitFirstLoss() throws InterruptedException {
        return get(firstLoss);
    }

    /** The round trip without delays in nanoseconds: the tenth percentile. Valid after the last answer. */
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

    private final class CrowdClient implements RequestClient {
        private final ChannelPoolAdapter.ChannelSource source;
        private final long stamp;
        private long sentAt;
        private boolean holds;

        CrowdClient(int number) {
            this.stamp = number;
            this.source = pool.newSource(this);
        }

        @Override
        public void granted(RequestConnection connection) {
            sentAt = System.nanoTime();
            connection.send(this, stamp);
        }

        @Override
        public void answered() {
            long now = System.nanoTime();
            roundTrips.recordValue(now - sentAt);
            holds = holding;
            if (!holding) {
                source.release();
            }
            answered++;
            if (answered == count) {
                lastAnswer.complete(now);
            }
        }

        @Override
        public void lost() {
            if (holds) {
                holds = false;
                firstLoss.complete(System.nanoTime());
                source.discard();
            }
        }

        @Override
        public void fail(Throwable cause) {
            lastAnswer.completeExceptionally(cause);
            firstLoss.completeExceptionally(cause);
        }
    }
}
