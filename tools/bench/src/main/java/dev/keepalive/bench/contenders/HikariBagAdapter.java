package dev.keepalive.bench.contenders;

import com.zaxxer.hikari.util.ConcurrentBag;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** HikariCP's {@code ConcurrentBag}. It has no keys. */
final class HikariBagAdapter implements PoolAdapter {
    private final ConcurrentBag<BagEntry> bag = new ConcurrentBag<>(waiting -> {});
    private final long patience;

    HikariBagAdapter(PoolConfig config) {
        for (int i = 0; i < config.total(); i++) {
            bag.add(new BagEntry());
        }
        Duration timeout = config.timeout();
        patience = timeout == null ? TimeUnit.HOURS.toNanos(1) : timeout.toNanos();
    }

    @Override
    public Object acquire(int endpoint) throws InterruptedException, TimeoutException {
        BagEntry entry = bag.borrow(patience, TimeUnit.NANOSECONDS);
        if (entry == null) {
            throw new TimeoutException("no connection came back in time");
        }
        return entry;
    }

    @Override
    public void release(int endpoint, Object lease) {
        bag.requite((BagEntry) lease);
    }

    @Override
    public void close() {
        bag.close();
    }

    /** A connection that the bag can hold. */
    private static final class BagEntry implements ConcurrentBag.IConcurrentBagEntry {
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
