package dev.keepalive.bench.contenders;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The connection manager with all its features, over connections without I/O. */
final class KeepaliveAdapter implements PoolAdapter {
    /** The method of the manager that acquires a connection. */
    enum AcquireMethod {
        /** {@code tryAcquire}; if no connection is idle, the future. */
        TRY,
        /** The future, joined. */
        FUTURE,
        /** {@code blocking().acquire}. */
        BLOCKING
    }

    private final ConnectionManager<LeaseHandle> manager;
    private final Endpoint[] endpoints;
    private final AcquireMethod method;

    KeepaliveAdapter(PoolConfig config, AcquireMethod method) {
        ManagerBuilder<LeaseHandle> builder = ConnectionManager.builder(new NoIoConnector())
                .maxOpen(config.total())
                .maxOpenPerEndpoint(config.perEndpoint())
                // The callbacks here are harmless. Other pools too serve waiters on the releasing thread.
                .callbackExecutor(Runnable::run)
                .idleTimeout(Duration.ofHours(1));
        Duration timeout = config.timeout();
        if (timeout != null) {
            builder.acquireTimeout(timeout);
        }
        this.manager = builder.build();
        this.endpoints = IntStream.range(0, config.endpoints())
                .mapToObj(i -> Endpoint.of("bench", "host" + i, 1))
                .toArray(Endpoint[]::new);
        this.method = method;
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
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        return manager.acquire(AcquireRequest.to(endpoints[endpoint]), Runnable::run, then, failure -> {});
    }

    @Override
    public void withdraw(int endpoint, Object waiter) {
        ((Future<?>) waiter).cancel(false);
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

    /** The handle that a lease gives to its holder. It refers to the lease, as the contract of a link demands. */
    record LeaseHandle(Lease<LeaseHandle> lease, Object connection) {}
}
