package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The manager's side of one dial and its link. It records each call, and answers what the test says. */
class RecordingEvents implements LinkEvents<NettyConnection> {
    private static final int PATIENCE_SECONDS = 20;

    final List<Phase> phases = new CopyOnWriteArrayList<>();
    final AtomicInteger answers = new AtomicInteger();
    final AtomicInteger inputsReceived = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    final AtomicInteger leases = new AtomicInteger();
    /** Whether there is a lease whose holder may read the input of the peer. */
    volatile boolean leased;
    /** Completed when the link is closed: with the cause, or with null if there is none. */
    final CompletableFuture<Throwable> closed = new CompletableFuture<>();

    final BlockingQueue<Boolean> resets = new LinkedBlockingQueue<>();
    private final CompletableFuture<NettyLink> opened = new CompletableFuture<>();

    @Override
    public void phaseStarted(Phase phase) {
        phases.add(phase);
    }

    @Override
    public void opened(Link<NettyConnection> link) {
        answers.incrementAndGet();
        opened.complete((NettyLink) link);
    }

    @Override
    public void failed(Throwable cause) {
        answers.incrementAndGet();
        opened.completeExceptionally(cause);
    }

    @Override
    public boolean inputReceived() {
        inputsReceived.incrementAndGet();
        return leased;
    }

    @Override
    public void resetDone(boolean reusable) {
        resets.add(reusable);
    }

    @Override
    public void closed(Throwable cause) {
        closes.incrementAndGet();
        closed.complete(cause);
    }

    /** Waits for the dial to succeed. */
    NettyLink link() throws Exception {
        return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for the dial to fail. */
    DialException failure() throws Exception {
        try {
            NettyLink link = opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("opened " + link);
        } catch (java.util.concurrent.ExecutionException e) {
            return (DialException) e.getCause();
        }
    }

    boolean isAnswered() {
        return opened.isDone();
    }

    /** Waits for the link to be closed. */
    Throwable closeCause() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for the answer to a reset. */
    boolean reusable() throws Exception {
        Boolean reusable = resets.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (reusable == null) {
            throw new AssertionError("reset was not answered");
        }
        return reusable;
    }
}
