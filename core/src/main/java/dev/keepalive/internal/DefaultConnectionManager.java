package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.BlockingConnections;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Limits;
import dev.keepalive.Snapshot;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.history.HistoryWriter;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.TimeSource.Alarm;
import java.io.OutputStream;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The implementation of {@link ConnectionManager}: an acquire borrows an idle connection, or becomes an event of the
 * machine; {@link EffectRunner} performs the effects. Safe from any thread.
 */
public final class DefaultConnectionManager<C> implements ConnectionManager<C>, ManagerContext<C> {
    private static final Limits NO_LIMITS =
            new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final ManagerOptions<C> options;
    private final Connector<C> connector;
    private final long acquireTimeout;
    private final long idleTimeout;
    private final ManagerClock clock;
    private final EventLoopNumbers eventLoops = new EventLoopNumbers();
    private final CallbackExecutor ownExecutor;
    private final Executor executor;
    private final ListenerDispatcher listeners;
    private final EffectRunner<C> effectRunner;
    private final Patrol patrol;
    private final LockedMachine machine;
    private final DefaultBlockingConnections<C> blocking = new DefaultBlockingConnections<>(this);
    private final SharedBudget.@Nullable Member member;
    private final ConnectionBags<C> bags = new ConnectionBags<>();
    private final ReferenceQueue<Lease<?>> garbage = new ReferenceQueue<>();

    private volatile Limits limits; // written under the machine's lock

    /** Makes a manager with these options, which the builder has checked. */
    public DefaultConnectionManager(ManagerOptions<C> options) {
        this.options = options;
        limits = options.limits();
        connector = options.connector();
        acquireTimeout = ManagerClock.nanos(options.acquireTimeout());
        idleTimeout = ManagerClock.nanos(options.idleTimeout());
        clock = new ManagerClock(options.time());
        ownExecutor = new CallbackExecutor(options.name(), options.limits().maxOpen());
        Executor callbacks = options.callbackExecutor();
        executor = new TrampolineExecutor(callbacks == null ? ownExecutor : callbacks, ownExecutor);
        listeners = new ListenerDispatcher(options.name(), options.listener(), executor);
        clock.onFailure(thrown -> listeners.userCodeThrew("the time source", thrown));
        Alarm alarm = options.time().alarm(options.name() + "-alarm", this::patrol);
        effectRunner = new EffectRunner<>(this, executor, ownExecutor::keepNoIdleThreads, alarm);
        patrol = new Patrol(this, effectRunner, alarm);
        machine = machine(options.recordHistory());
        SharedBudget budget = options.budget();
        member = budget == null ? null : budget.join(this::owed);
    }

    private LockedMachine machine(@Nullable OutputStream stream) {
        Limits limits = options.limits();
        MachineConfig config = options.machineConfig(ThreadLocalRandom.current().nextLong());
        Function<Slot, AtomicSlot> atomicSlots = slot -> new PooledConnection<>(slot, this);
        if (stream == null) {
            return new LockedMachine(limits, config, clock, atomicSlots, effectRunner, History.NONE, null);
        }
        HistoryWriter history = new HistoryWriter(limits, config);
        HistoryStream historyStream = new HistoryStream(history, stream, executor, listeners);
        return new LockedMachine(limits, config, clock, atomicSlots, effectRunner, history, historyStream);
    }

    // ---- called by users

    @Override
    public CompletableFuture<Lease<C>> acquire(AcquireRequest request) {
        Lease<C> borrowed = borrow(request);
        return borrowed == null ? acquireFromMachine(request) : LoopAwareFuture.of(borrowed, connector);
    }

    @Override
    public CompletableFuture<Lease<C>> acquire(Endpoint endpoint) {
        AcquireRequest request = AcquireRequest.to(endpoint);
        Lease<C> borrowed = borrow(endpoint, request, null);
        return borrowed == null ? acquireFromMachine(request) : LoopAwareFuture.of(borrowed, connector);
    }

    private CompletableFuture<Lease<C>> acquireFromMachine(AcquireRequest request) {
        connector.requireSupported(request.endpoint());
        long now = clock.now();
        FutureAcquire<C> future = FutureAcquire.of(this, request, now);
        enqueue(future, future.waiter, now);
        return future;
    }

    @Override
    public Future<?> acquire(
            AcquireRequest request,
            Executor callbackExecutor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure) {
        connector.requireSupported(request.endpoint());
        long now = clock.now();
        CallbackAcquire<C> acquire = CallbackAcquire.of(this, request, now, callbackExecutor, onLease, onFailure);
        enqueue(acquire, acquire.waiter, now);
        return acquire;
    }

    @Override
    public <T> CompletableFuture<T> use(AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work) {
        Objects.requireNonNull(work, "work");
        return UseFuture.begun(this, acquire(request), work, null);
    }

    @Override
    public <T> CompletableFuture<T> use(
            AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work, Executor continueOn) {
        Objects.requireNonNull(work, "work");
        Objects.requireNonNull(continueOn, "continueOn");
        return UseFuture.begun(this, acquire(request), work, continueOn);
    }

    BlockingAcquire<C> acquireBlocking(AcquireRequest request) {
        connector.requireSupported(request.endpoint());
        long now = clock.now();
        BlockingAcquire<C> acquire = new BlockingAcquire<>(this, request, now);
        enqueue(acquire, acquire.waiter, now);
        return acquire;
    }

    @Override
    public @Nullable Lease<C> tryAcquire(AcquireRequest request) {
        Lease<C> borrowed = borrow(request);
        return borrowed == null ? tryFromMachine(request) : borrowed;
    }

    @Override
    public String name() {
        return options.name();
    }

    private @Nullable Lease<C> tryFromMachine(AcquireRequest request) {
        connector.requireSupported(request.endpoint());
        machine.requireSound();
        // An idle connection is not fresh. Where there is no room, the machine would find none either.
        if (request.isFresh() || !bags.mayHaveRoom(request.endpoint())) {
            return null;
        }
        long called = clock.now();
        BlockingAcquire<C> acquire = new BlockingAcquire<>(this, request, called);
        machine.submit(acquire.waiter, called, (machine, now) -> machine.tryAcquire(acquire.waiter, now));
        return acquire.now();
    }

    @Override
    public BlockingConnections<C> blocking() {
        return blocking;
    }

    @Override
    public Snapshot snapshot() {
        return machine.submit(
                null,
                (machine, now) -> bags.withBorrowed(new ManagerSnapshot(
                        options.name(),
                        machine.limits(),
                        options.describe(machine.limits()),
                        machine.counts(),
                        machine.countsByEndpoint(),
                        machine.totals())));
    }

    @Override
    public void maxOpen(int maxOpen) {
        configure(now -> now.withMaxOpen(maxOpen));
        ownExecutor.setMaxDials(maxOpen);
    }

    @Override
    public void maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        configure(now -> now.withMaxOpenPerEndpoint(maxOpenPerEndpoint));
    }

    @Override
    public void maxWaitingPerEndpoint(int maxWaitingPerEndpoint) {
        configure(now -> now.withMaxWaitingPerEndpoint(maxWaitingPerEndpoint));
    }

    @Override
    public void maxDialsPerEndpoint(int maxDialsPerEndpoint) {
        configure(now -> now.withMaxDialsPerEndpoint(maxDialsPerEndpoint));
    }

    private void configure(UnaryOperator<Limits> change) {
        // Checks the value before the event: what an event throws would stop the manager.
        Objects.requireNonNull(change.apply(NO_LIMITS));
        machine.submit(null, (machine, now) -> {
            machine.configure(change.apply(machine.limits()), now);
            limits = machine.limits();
            return true;
        });
    }

    @Override
    public void evict(Predicate<? super Endpoint> which) {
        // First: a dial that takes the place of a connection must not find what is to be forgotten.
        EvictionFilter.forget(connector, which, listeners);
        for (Endpoint endpoint : snapshot().endpoints().keySet()) {
            if (which.test(endpoint)) {
                machine.submit((machine, now) -> machine.retire(endpoint, now));
            }
        }
    }

    private int owed(int level) {
        try {
            return machine.submit(null, (machine, now) -> machine.owed(level, now));
        } catch (LockedMachine.Failed before) {
            return 0;
        }
    }

    @Override
    public CompletionStage<Boolean> drain(Duration timeout) {
        long within = ManagerClock.nanosNotNegative("timeout", timeout);
        machine.submit((machine, now) -> machine.drain(ManagerClock.after(now, within), now));
        return effectRunner.finished().copy();
    }

    @Override
    public void close() {
        machine.submit(Machine::shutdown);
    }

    @Override
    public CompletionStage<Void> closed() {
        return effectRunner.finished().<Void>thenApply(clean -> null);
    }

    @Override
    public String toString() {
        Throwable failure = machine.failure();
        return options.name() + ": " + (failure == null ? snapshot().all() : "failed, " + failure);
    }

    // ---- called by this package

    /**
     * Leases an idle connection without the machine; null if none is found. No waiter is passed over, since an endpoint
     * whose waiters take any connection has no idle one. None is lent to a request for a fresh connection, and none
     * whose time is over. The endpoint need not be checked, since it has a connection.
     */
    @Nullable
    Lease<C> borrow(AcquireRequest request) {
        if (AcquireDetails.isPlain(request)) {
            return borrow(request.endpoint(), request, null);
        }
        return request.isFresh() ? null : borrow(request.endpoint(), request, request);
    }

    /** @param detail the request, if it has more than the endpoint; else null */
    private @Nullable Lease<C> borrow(Endpoint endpoint, AcquireRequest request, @Nullable AcquireRequest detail) {
        ConnectionBag<C> bag = bags.find(endpoint);
        if (bag == null) {
            return null;
        }
        PooledLease<C> lease = bag.borrow(request, detail, site(), connector.currentEventLoop(), clock.now());
        if (lease == null) {
            return null;
        } else if (!lease.isFrom(bag)) {
            lease.release();
            return null;
        }
        listeners.acquired(request, lease);
        return lease;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public long idleTimeout() {
        return idleTimeout;
    }

    @Override
    public long acquireTimeout() {
        return acquireTimeout;
    }

    @Override
    public boolean retryDials() {
        return options.retryDials();
    }

    @Override
    public @Nullable AcquireSite site() {
        return AcquireSite.sampled(options.sampleAcquireSites());
    }

    private void enqueue(AcquireCallback<C> owner, Waiter waiter, long called) {
        try {
            machine.submit(waiter, called, (machine, now) -> {
                machine.acquire(waiter, now);
                return true;
            });
        } catch (LockedMachine.Failed before) {
            effectRunner.refuse(owner, true);
        }
    }

    private void patrol() {
        patrol.run();
    }

    @Override
    public Connector<C> connector() {
        return connector;
    }

    @Override
    public Duration dialTimeout() {
        return options.dialTimeout();
    }

    @Override
    public @Nullable BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup() {
        return options.setup();
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public SharedBudget.@Nullable Member member() {
        return member;
    }

    @Override
    public ManagerClock clock() {
        return clock;
    }

    @Override
    public EventLoopNumbers eventLoops() {
        return eventLoops;
    }

    @Override
    public LockedMachine machine() {
        return machine;
    }

    @Override
    public ListenerDispatcher listeners() {
        return listeners;
    }

    @Override
    public ConnectionBags<C> bags() {
        return bags;
    }

    @Override
    public ReferenceQueue<Lease<?>> garbage() {
        return garbage;
    }
}
