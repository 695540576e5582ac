package dev.keepalive;

import java.util.AbstractQueue;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tasks for threads: it refuses, by {@link #offer}, a task that no thread is waiting for, so that a pool makes a new thread before it lets a task wait; what is
 * {@link #put} waits. Safe from any thread.
 *
 * <p>Not the JDK's {@code LinkedTransferQueue}, which could do the same: on Java 17 a thread that waits there for a while may look for ever, at a processor's
 * full speed (JDK-8301341).
 */
final class HandOver extends AbstractQueue<Runnable> implements BlockingQueue<Runnable> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    /** Threads that wait; more than there are tasks, unless some were put. */
    private int waiting;

    @Override
    public boolean offer(Runnable task) {
        lock.lock();
        try {
            if (waiting <= tasks.size()) {
                return false;
            }
            tasks.add(task);
            more.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(Runnable task, long time, TimeUnit unit) {
        return offer(task);
    }

    @Override
    public void put(Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            more.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Runnable poll(long time, TimeUnit unit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = unit.toNanos(time);
            waiting++;
            try {
                while (tasks.isEmpty() && left > 0) {
                    left = more.awaitNanos(left);
                }
            } finally {
                waiting--;
            }
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Runnable take() throws InterruptedException {
        Runnable task = null;
        while (task == null) {
            task = poll(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
        return task;
    }

    @Override
    public @Nullable Runnable poll() {
        lock.lock();
        try {
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Runnable peek() {
        lock.lock();
        try {
            return tasks.peek();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return tasks.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int remainingCapacity() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int drainTo(Collection<? super Runnable> to) {
        return drainTo(to, Integer.MAX_VALUE);
    }

    @Override
    public int drainTo(Collection<? super Runnable> to, int most) {
        int drained = 0;
        for (Runnable task = drained < most ? poll() : null; task != null; task = drained < most ? poll() : null) {
            to.add(task);
            drained++;
        }
        return drained;
    }

    /** Over what was there when it was asked for. */
    @Override
    public Iterator<Runnable> iterator() {
        lock.lock();
        try {
            return List.copyOf(tasks).iterator();
        } finally {
            lock.unlock();
        }
    }
}
