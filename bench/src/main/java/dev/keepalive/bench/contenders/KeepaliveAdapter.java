package dev.keepalive.bench.contenders;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The manager, with everything on, over connections that do no I/O. */
final class KeepaliveAdapter implements PoolAdapter {
    /** By which of the manager's methods a connection is acquired. */
    enum AcquireMethod {
        /** {@code tryAcquire}, and the future if nothing is idle. */
        TRY,
        /** The future, joined. */
        FUTURE,
        /** {@code blocking().acquire}. */
        BLOCKING
    }

    private final ConnectionManager<LeaseHandle> manager;
    private final Endpoint[] endpoints;
    private final AcquireMethod method;

    KeepaliveAdapter(PoolConfig config, AcquireMethod method, boolean reclaim) {
        ManagerBuilder<LeaseHandle> builder = ConnectionManager.builder(new NoIoConnector())
                .maxOpen(config.total())
                .maxOpenPerEndpoint(config.perEndpoint())
                // Nothing here is foreign; and waiters are served on the thread of whoever releases, as the others do.
                .callbacks(Runnable::run)
                .idleTimeout(Duration.ofHours(1));
        Duration timeout = config.timeout();
        if (timeout != null) {
            builder.acquireTimeout(timeout);
        }
        if (!reclaim) {
            reclaimNothing(builder);
        }
        this.manager = builder.build();
        this.endpoints = IntStream.range(0, config.endpoints())
                .mapToObj(i -> Endpoint.of("bench", "host" + i, 1))
                .toArray(Endpoint[]::new);
        this.method = method;
    }

    /** The option is no part of the API: it exists for measuring only. */
    private static void reclaimNothing(ManagerBuilder<LeaseHandle> builder) {
        try {
            Field reclaim = ManagerBuilder.class.getDeclaredField("reclaim");
            reclaim.setAccessible(true);
            reclaim.setBoolean(builder, false);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the manager has no option to switch the reclaim of leases off", e);
        }
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        Endpoint to = endpoints[endpoint];
        return switch (method) {
            case TRY -> {
                Lease<LeaseHandle> lease = manager.tryAcquire(to);
                yield lease == null ? manager.acquire(to).join() : lease;
            }
            case FUTURE -> manager.acquire(to).join();
            case BLOCKING -> manager.blocking().acquire(to);
        };
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((Lease<?>) lease).release();
    }

    @Override
    public Object connection(Object lease) {
        return ((LeaseHandle) ((Lease<?>) lease).connection()).connection();
    }

    @Override
    public Object queue(int endpoint, Consumer<Object> then) {
        return manager.acquire(AcquireRequest.to(endpoints[endpoint]), Runnable::run, then, failure -> {});
    }

    @Override
    public void withdraw(int endpoint, Object place) {
        ((Future<?>) place).cancel(false);
    }

    @Override
    public boolean closeIdle() {
        manager.evict(any -> true);
        return true;
    }

    @Override
    public void close() {
        manager.close();
    }

    /** What a holder of a lease uses. It refers to the lease, as the contract of a link demands. */
    record LeaseHandle(Lease<LeaseHandle> lease, Object connection) {}
}
