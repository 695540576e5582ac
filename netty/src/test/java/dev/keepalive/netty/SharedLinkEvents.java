package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The manager's side of one shared link: it records what the link tells, and the test begins and ends the leases. */
final class SharedLinkEvents<C> implements LinkEvents<C> {
    private static final int PATIENCE_SECONDS = 20;

    final List<Integer> capacities = new CopyOnWriteArrayList<>();
    final AtomicInteger retires = new AtomicInteger();
    final AtomicInteger inputs = new AtomicInteger();
    final BlockingQueue<Long> freed = new LinkedBlockingQueue<>();
    final List<Long> notReusable = new CopyOnWriteArrayList<>();
    final CompletableFuture<Link<C>> opened = new CompletableFuture<>();

    /** Completed with what has broken the connection, or with null. */
    final CompletableFuture<Throwable> closed = new CompletableFuture<>();

    private final AtomicLong leases = new AtomicLong();

    Link<C> link() throws Exception {
        return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Throwable failure() throws Exception {
        try {
            throw new AssertionError("opened: " + link());
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }

    Throwable closeCause() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    SharedFakeLease<C> lease() throws Exception {
        return new SharedFakeLease<>(link(), leases.incrementAndGet());
    }

    SharedFakeLease<C> setup() throws Exception {
        return new SharedFakeLease<>(link(), 0);
    }

    /** The number of the lease whose place is free next. */
    long nextFree() throws Exception {
        Long number = freed.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (number == null) {
            throw new AssertionError("no place became free");
        }
        return number;
    }

    @Override
    public void phaseStarted(Phase phase) {}

    @Override
    public void opened(Link<C> link) {
        opened.complete(link);
    }

    @Override
    public void failed(Throwable cause) {
        opened.completeExceptionally(cause);
    }

    @Override
    public boolean inputReceived() {
        inputs.incrementAndGet();
        return false;
    }

    @Override
    public void resetDone(boolean reusable) {
        throw new AssertionError("the answer of an exclusive link");
    }

    @Override
    public void resetDone(long number, boolean reusable) {
        if (!reusable) {
            notReusable.add(number);
        }
        freed.add(number);
    }

    @Override
    public void capacity(int leasesAtOnce) {
        capacities.add(leasesAtOnce);
    }

    @Override
    public void retire() {
        retires.incrementAndGet();
    }

    @Override
    public void closed(Throwable cause) {
        closed.complete(cause);
    }
}
