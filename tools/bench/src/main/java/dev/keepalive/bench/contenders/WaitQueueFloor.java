package dev.keepalive.bench.contenders;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A deque of idle connections and a linked list of waiters under one lock. No keys, no deadlines. */
final class WaitQueueFloor implements PoolAdapter {
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<DummyConnection> idle = new ArrayDeque<>();
    private final LinkedWaiter head = new LinkedWaiter(lease -> {});

    WaitQueueFloor(PoolConfig config) {
        for (int i = 0; i < config.total(); i++) {
            idle.push(new DummyConnection(0));
        }
    }

    @Override
    public Object acquire(int endpoint) {
        lock.lock();
        try {
            return idle.pop();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(int endpoint, Object lease) {
        LinkedWaiter first;
        lock.lock();
        try {
            first = head.next;
            if (first == head) {
                idle.push((DummyConnection) lease);
                return;
            }
            first.unlink();
        } finally {
            lock.unlock();
        }
        first.then.accept(lease);
    }

    @Override
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        LinkedWaiter waiter = new LinkedWaiter(then);
        DummyConnection connection;
        lock.lock();
        try {
            connection = idle.poll();
            if (connection == null) {
                waiter.linkBefore(head);
            }
        } finally {
            lock.unlock();
        }
        if (connection != null) {
            then.accept(connection);
        }
        return waiter;
    }

    @Override
    public void withdraw(int endpoint, Object waiter) {
        lock.lock();
        try {
            ((LinkedWaiter) waiter).unlink();
        } finally {
            lock.unlock();
        }
    }

    /** A waiter; linked to itself while it is not queued. */
    private static final class LinkedWaiter {
        private final Consumer<Object> then;
        private LinkedWaiter previous = this;
        private LinkedWaiter next = this;

        LinkedWaiter(Consumer<Object> then) {
            this.then = then;
        }

        void linkBefore(LinkedWaiter other) {
            previous = other.previous;
            next = other;
            previous.next = this;
            other.previous = this;
        }

        void unlink() {
            previous.next = next;
            next.previous = previous;
            next = this;
            previous = this;
        }
    }
}
