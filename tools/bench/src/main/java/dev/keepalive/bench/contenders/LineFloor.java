package dev.keepalive.bench.contenders;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A deque of idle connections and a linked list of waiters under one lock. No keys, no deadlines. */
final class LineFloor implements Contender {
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Place ends = new Place(lease -> {});

    LineFloor(Setting setting) {
        for (int i = 0; i < setting.total(); i++) {
            idle.push(new Connection(0));
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
        Place first;
        lock.lock();
        try {
            first = ends.next;
            if (first == ends) {
                idle.push((Connection) lease);
                return;
            }
            first.unlink();
        } finally {
            lock.unlock();
        }
        first.then.accept(lease);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public Object queue(int endpoint, Consumer<Object> then) {
        Place place = new Place(then);
        Connection connection;
        lock.lock();
        try {
            connection = idle.poll();
            if (connection == null) {
                place.linkBefore(ends);
            }
        } finally {
            lock.unlock();
        }
        if (connection != null) {
            then.accept(connection);
        }
        return place;
    }

    @Override
    public void withdraw(int endpoint, Object place) {
        lock.lock();
        try {
            ((Place) place).unlink();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {}

    /** A waiter, linked to itself while it is in no line. */
    private static final class Place {
        private final Consumer<Object> then;
        private Place previous = this;
        private Place next = this;

        Place(Consumer<Object> then) {
            this.then = then;
        }

        void linkBefore(Place other) {
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
