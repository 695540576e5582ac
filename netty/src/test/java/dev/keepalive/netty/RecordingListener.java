package dev.keepalive.netty;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Records the calls that a started connection makes. */
class RecordingListener<T> implements FrameListener<T> {
    private static final int PATIENCE_SECONDS = 20;

    final BlockingQueue<T> inputs = new LinkedBlockingQueue<>();
    final List<Boolean> writable = new CopyOnWriteArrayList<>();
    final AtomicInteger flushes = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    final CompletableFuture<FrameStream<T>> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public void started(FrameStream<T> frames) {
        started.complete(frames);
    }

    @Override
    public void input(T frame) {
        inputs.add(frame);
    }

    @Override
    public void ended(Throwable error) {
        ends.incrementAndGet();
        if (error == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(error);
        }
    }

    @Override
    public void flushed() {
        flushes.incrementAndGet();
    }

    @Override
    public void writable(boolean now) {
        writable.add(now);
    }

    /** Waits for a frame. */
    T next() throws Exception {
        T frame = inputs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (frame == null) {
            throw new AssertionError("no input");
        }
        return frame;
    }

    /** Waits for the end, and returns its error, or null if there is none. */
    Throwable end() throws Exception {
        try {
            ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    boolean isEnded() {
        return ended.isDone();
    }
}
