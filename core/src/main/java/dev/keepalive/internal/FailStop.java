package dev.keepalive.internal;

import dev.keepalive.machine.Salvage;
import dev.keepalive.machine.Slot;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stops a manager whose machine has failed in the middle of an event: reports the cause, fails each acquire that waits,
 * closes each connection, also the leased ones, and then the connector. It asks the machine for nothing but what is in
 * its tables. It runs as a task of its own, because the thread on which the event failed may have no stack left. Each
 * step is guarded, so that one that fails does not keep the others from being done. If there was no stack or no memory
 * for one, the next call to the manager begins again; what was done before is not done twice.
 */
final class FailStop<C> implements Salvage.Finder {
    /** The last one ends the manager as far as it comes. */
    private static final int MOST_RUNS = 5;

    private final ManagerContext<C> context;
    private final EffectRunner<C> effectRunner;
    private final Executor executor;
    private final AtomicBoolean begun = new AtomicBoolean();

    /** The connections that are being closed, and one more while they are being looked for. */
    private final AtomicInteger closing = new AtomicInteger();

    // Written by one run after the other.
    private boolean reported;
    private int runs;

    FailStop(ManagerContext<C> context, EffectRunner<C> effectRunner, Executor executor) {
        this.context = context;
        this.effectRunner = effectRunner;
        this.executor = executor;
    }

    void begin() {
        if (begun.compareAndSet(false, true)) {
            try {
                executor.execute(this::run);
            } catch (Throwable notNow) {
                // For want of stack or memory: the next call, or the alarm, begins again.
                begun.set(false);
            }
        }
    }

    private void run() {
        runs++;
        closing.incrementAndGet();
        Throwable cutShort = null;
        try {
            report();
            cutShort = context.machine().salvage(this);
            context.bags().connections().forEach(this::closeConnection);
        } catch (Throwable thrown) {
            cutShort = thrown;
        }
        if (cutShort instanceof VirtualMachineError && runs < MOST_RUNS) {
            closing.decrementAndGet();
            begun.set(false);
            return;
        }
        if (cutShort != null) {
            context.listeners().userCodeThrew("the search for what a failed manager held", cutShort);
        }
        closed();
    }

    private void report() {
        Throwable cause = Objects.requireNonNull(context.machine().failure(), "the cause");
        if (!reported) {
            context.listeners().managerFailed(cause);
            reported = true;
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the owners of this manager's waiters are its own recipients
    public void waiting(Object owner) {
        effectRunner.refuse((AcquireCallback<C>) owner, false);
    }

    @Override
    @SuppressWarnings("unchecked") // the wires of this manager's slots are its own links
    public void open(Slot slot) {
        closeConnection((PooledConnection<C>) slot.atomicSlot());
    }

    /** The link may be half in a rack; nothing of it is to be had afterwards, whoever holds it. */
    private void closeConnection(PooledConnection<C> connection) {
        context.listeners().guard("the end of a connection", connection::markDead);
        closing.incrementAndGet();
        try {
            executor.execute(() -> {
                context.listeners().guard("the end of a connection", connection::abort);
                closed();
            });
        } catch (Throwable notNow) {
            // It is not marked as found, so that the next run finds it again.
            closing.decrementAndGet();
            throw notNow;
        }
    }

    private void closed() {
        if (closing.decrementAndGet() == 0) {
            effectRunner.closeConnector(false);
        }
    }
}
