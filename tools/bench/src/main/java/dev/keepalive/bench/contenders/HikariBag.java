package dev.keepalive.bench.contenders;

import com.zaxxer.hikari.util.ConcurrentBag;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The bag inside HikariCP. It has no keys. */
final class HikariBag implements Contender {
    private final ConcurrentBag<Entry> bag = new ConcurrentBag<>(waiting -> {});
    private final long patience;

    HikariBag(Setting setting) {
        for (int i = 0; i < setting.total(); i++) {
            bag.add(new Entry());
        }
        Duration timeout = setting.timeout();
        patience = timeout == null ? TimeUnit.HOURS.toNanos(1) : timeout.toNanos();
    }

    @Override
    public Object acquire(int endpoint) throws InterruptedException, TimeoutException {
        Entry entry = bag.borrow(patience, TimeUnit.NANOSECONDS);
        if (entry == null) {
            throw new TimeoutException("no connection came back in time");
        }
        return entry;
    }

    @Override
    public void release(int endpoint, Object lease) {
        bag.requite((Entry) lease);
    }

    @Override
    public Object connection(Object lease) {
        return lease;
    }

    @Override
    public void close() {
        bag.close();
    }

    /** A connection, as the bag wants it. */
    private static final class Entry implements ConcurrentBag.IConcurrentBagEntry {
        private final AtomicInteger state = new AtomicInteger();

        @Override
        public boolean compareAndSet(int expected, int update) {
            return state.compareAndSet(expected, update);
        }

        @Override
        public void setState(int update) {
            state.set(update);
        }

        @Override
        public int getState() {
            return state.get();
        }
    }
}
