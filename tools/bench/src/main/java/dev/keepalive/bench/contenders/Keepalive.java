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

/** The manager, with everything on, over connections that do no I/O. */
final class Keepalive implements Contender {
    /** By which of the manager's methods a connection is acquired. */
    enum Way {
        /** {@code tryAcquire}, and the future if nothing is idle. */
        TRY,
        /** The future, joined. */
        FUTURE,
        /** {@code blocking().acquire}. */
        BLOCKING
    }

    private final ConnectionManager<Handle> manager;
    private final Endpoint[] endpoints;
    private final Way way;

    Keepalive(Setting setting, Way way) {
        ManagerBuilder<Handle> builder = ConnectionManager.builder(new MuteConnector())
                .maxOpen(setting.total())
                .maxOpenPerEndpoint(setting.perEndpoint())
                // Nothing here is foreign; and waiters are served on the thread of whoever releases, as the others do.
                .callbacks(Runnable::run)
                .idleTimeout(Duration.ofHours(1));
        Duration timeout = setting.timeout();
        if (timeout != null) {
            builder.acquireTimeout(timeout);
        }
        this.manager = builder.build();
        this.endpoints = IntStream.range(0, setting.endpoints())
                .mapToObj(i -> Endpoint.of("bench", "host" + i, 1))
                .toArray(Endpoint[]::new);
        this.way = way;
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        Endpoint to = endpoints[endpoint];
        return switch (way) {
            case TRY -> {
                Lease<Handle> lease = manager.tryAcquire(to);
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
        return ((Handle) ((Lease<?>) lease).connection()).connection();
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
    record Handle(Lease<Handle> lease, Object connection) {}
}
