package dev.keepalive;

import dev.keepalive.machine.Journal;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.Rules;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.Wire;
import dev.keepalive.machine.history.HistoryWriter;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.TimeSource.Alarm;
import java.io.OutputStream;
import java.lang.ref.Reference;
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

/** The concurrent shell around the machine: turns calls into events, and has {@link Deeds} turn effects into calls. */
final class Shell<C> implements ConnectionManager<C>, Pool<C> {
    private final ManagerOptions<C> options;
    private final Connector<C> connector;
    private final long acquireTimeout;
    private final Ticks ticks;
    private final Loops loops = new Loops();
    private final CallbackThreads own;
    private final Executor executor;
    private final Reports reports;
    private final Deeds<C> deeds;
    private final Exclusive exclusive;
    private final Blocking<C> blocking = new Blocking<>(this);
    private final Budget.@Nullable Member member;
    private final Racks<C> racks = new Racks<>();
    private final ReferenceQueue<SlotLease<?>> garbage = new ReferenceQueue<>();

    Shell(ManagerOptions<C> options) {
        this.options = options;
        connector = options.connector();
        acquireTimeout = Options.nanos(options.acquireTimeout());
        ticks = new Ticks(options.time());
        own = new CallbackThreads(options.name(), options.limits().maxOpen());
        Executor callbacks = options.callbacks();
        executor = new SteadyExecutor(callbacks == null ? own : callbacks, own);
        reports = new Reports(options.name(), options.listener(), executor);
        Alarm alarm = options.time().alarm(options.name() + "-alarm", this::patrol);
        deeds = new Deeds<>(this, executor, own::keepNoThread, alarm);
        exclusive = exclusive(options.record());
        Budget budget = options.budget();
        member = budget == null ? null : budget.join(this::owed);
    }

    private Exclusive exclusive(@Nullable OutputStream stream) {
        Limits limits = options.limits();
        Rules rules = options.rules(ThreadLocalRandom.current().nextLong());
        Function<Slot, Wire> wires = slot -> new PooledLink<>(slot, this);
        if (stream == null) {
            return new Exclusive(limits, rules, ticks, wires, deeds, Journal.NONE, null);
        }
        HistoryWriter history = new HistoryWriter(limits, rules);
        Recording recording = new Recording(history, stream, executor, reports);
        return new Exclusive(limits, rules, ticks, wires, deeds, history, recording);
    }

    // ---- for users

    @Override
    public CompletableFuture<Lease<C>> acquire(AcquireRequest request) {
        Lease<C> lent = borrow(request);
        return lent == null ? acquireLater(request) : LoopAwareFuture.of(lent, connector);
    }

    @Override
    public CompletableFuture<Lease<C>> acquire(Endpoint endpoint) {
        AcquireRequest request = AcquireRequest.to(endpoint);
        Lease<C> lent = borrow(endpoint, request, null);
        return lent == null ? acquireLater(request) : LoopAwareFuture.of(lent, connector);
    }

    private CompletableFuture<Lease<C>> acquireLater(AcquireRequest request) {
        connector.check(request.endpoint());
        AcquireFuture<C> future = AcquireFuture.of(this, request);
        enqueue(future, future.waiter);
        return future;
    }

    @Override
    public Future<?> acquire(
            AcquireRequest request,
            Executor callbackExecutor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure) {
        connector.check(request.endpoint());
        CallbackAcquire<C> acquire = CallbackAcquire.of(this, request, callbackExecutor, onLease, onFailure);
        enqueue(acquire, acquire.waiter);
        return acquire;
    }

    @Override
    public <T> CompletableFuture<T> use(AcquireRequest request, Function<Lease<C>, ? extends CompletionStage<T>> work) {
        Objects.requireNonNull(work, "work");
        Usage<C, T> usage = new Usage<>(this, acquire(request), work);
        usage.begin();
        return usage;
    }

    BlockedAcquire<C> acquireBlocked(AcquireRequest request) {
        connector.check(request.endpoint());
        BlockedAcquire<C> acquire = new BlockedAcquire<>(this, request);
        enqueue(acquire, acquire.waiter);
        return acquire;
    }

    @Override
    public @Nullable Lease<C> tryAcquire(Endpoint endpoint) {
        AcquireRequest request = AcquireRequest.to(endpoint);
        Lease<C> lent = borrow(endpoint, request, null);
        return lent == null ? tryLater(request) : lent;
    }

    private @Nullable Lease<C> tryLater(AcquireRequest request) {
        connector.check(request.endpoint());
        BlockedAcquire<C> acquire = new BlockedAcquire<>(this, request);
        exclusive.submit(acquire.waiter, (machine, now) -> machine.tryAcquire(acquire.waiter, now));
        return acquire.now();
    }

    @Override
    public BlockingConnections<C> blocking() {
        return blocking;
    }

    @Override
    public Snapshot snapshot() {
        return exclusive.submit(
                null,
                (machine, now) -> racks.counted(new Snapshot(
                        options.name(),
                        options.inWords(machine.limits()),
                        machine.counts(),
                        machine.countsByEndpoint(),
                        machine.totals())));
    }

    @Override
    public void maxOpen(int maxOpen) {
        Options.positive("maxOpen", maxOpen);
        own.mayDial(maxOpen);
        configure(now -> new Limits(maxOpen, now.maxOpenPerEndpoint(), now.maxWaiting(), now.maxDialling()));
    }

    @Override
    public void maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        Options.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        configure(now -> new Limits(now.maxOpen(), maxOpenPerEndpoint, now.maxWaiting(), now.maxDialling()));
    }

    @Override
    public void maxWaiting(int maxWaiting) {
        Options.positive("maxWaiting", maxWaiting);
        configure(now -> new Limits(now.maxOpen(), now.maxOpenPerEndpoint(), maxWaiting, now.maxDialling()));
    }

    @Override
    public void maxDialling(int maxDialling) {
        Options.positive("maxDialling", maxDialling);
        configure(now -> new Limits(now.maxOpen(), now.maxOpenPerEndpoint(), now.maxWaiting(), maxDialling));
    }

    private void configure(UnaryOperator<Limits> change) {
        exclusive.submit(null, (machine, now) -> {
            machine.configure(change.apply(machine.limits()), now);
            return true;
        });
    }

    @Override
    public void evict(Predicate<? super Endpoint> which) {
        Objects.requireNonNull(which, "which");
        for (Endpoint endpoint : snapshot().endpoints().keySet()) {
            if (which.test(endpoint)) {
                exclusive.submit((machine, now) -> machine.retire(endpoint, now));
            }
        }
    }

    private int owed(int level) {
        try {
            return exclusive.submit(null, (machine, now) -> machine.owed(level, now));
        } catch (Exclusive.Failed before) {
            return 0;
        }
    }

    @Override
    public CompletableFuture<Boolean> drain(Duration timeout) {
        long within = Options.nanos(Options.notNegative("timeout", timeout));
        exclusive.submit((machine, now) -> machine.drain(Ticks.after(now, within), now));
        return deeds.finished().copy();
    }

    @Override
    public void close() {
        exclusive.submit(Machine::shutdown);
    }

    @Override
    public CompletionStage<Void> closed() {
        return deeds.finished().<Void>thenApply(clean -> null).minimalCompletionStage();
    }

    @Override
    public String toString() {
        Throwable failure = exclusive.failure();
        return options.name() + ": " + (failure == null ? snapshot().all() : "failed, " + failure);
    }

    // ---- for the rest of the shell

    /**
     * The shortcut: an idle connection, if there is one, without the machine. Nobody waits for it, or it would not be idle; and an endpoint that has any was
     * checked when it was first asked for.
     */
    @Nullable
    Lease<C> borrow(AcquireRequest request) {
        return borrow(request.endpoint(), request, request);
    }

    /** @param detail the request, if there is more to it than the endpoint */
    private @Nullable Lease<C> borrow(Endpoint endpoint, AcquireRequest request, @Nullable AcquireRequest detail) {
        Rack<C> rack = racks.of(endpoint);
        if (rack == null) {
            return null;
        }
        SlotLease<C> lease = rack.lend(request, detail, site(), connector.callerLoop(), ticks.coarse());
        if (lease == null) {
            return null;
        } else if (!lease.isFrom(rack)) {
            lease.release();
            return null;
        }
        reports.acquired(request, lease);
        return lease;
    }

    @Override
    public long acquireTimeout() {
        return acquireTimeout;
    }

    @Override
    public @Nullable AcquireSite site() {
        return AcquireSite.sampled(options.acquireSitesOneIn());
    }

    private void enqueue(Recipient<C> owner, Waiter waiter) {
        try {
            exclusive.submit(waiter, owner.asked().at(), (machine, now) -> {
                machine.acquire(waiter, now);
                return true;
            });
        } catch (Exclusive.Failed before) {
            deeds.refuse(owner, true);
        }
    }

    /** The alarm went off: what is due is ended, and what was forgotten is taken back. */
    private void patrol() {
        try {
            for (Reference<?> found = garbage.poll(); found != null; found = garbage.poll()) {
                ((LeaseReference) found).reclaim();
            }
        } finally {
            exclusive.submit(Machine::tick);
            exclusive.record();
        }
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
    public Budget.@Nullable Member member() {
        return member;
    }

    @Override
    public Ticks ticks() {
        return ticks;
    }

    @Override
    public Loops loops() {
        return loops;
    }

    @Override
    public Exclusive exclusive() {
        return exclusive;
    }

    @Override
    public Reports reports() {
        return reports;
    }

    @Override
    public Racks<C> racks() {
        return racks;
    }

    @Override
    public ReferenceQueue<SlotLease<?>> garbage() {
        return garbage;
    }
}
