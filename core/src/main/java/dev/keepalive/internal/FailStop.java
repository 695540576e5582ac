package dev.keepalive.internal;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.FailedMachineWalk;
import dev.keepalive.machine.Slot;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stops a manager whose machine has failed in the middle of an event: reports the cause, fails each waiter, closes each
 * connection, leased ones too, and then the connector. It only reads the machine's tables. It runs as a task of its
 * own, because the thread on which the event failed may have no stack left. A step that throws does not prevent the
 * other steps. If a step had no stack or no memory, the next call to the manager, or the alarm, begins again; no step
 * is done twice.
 */
final class FailStop<C> implements FailedMachineWalk.Finder {
    /** How often it begins at most; the last run ends the manager, even if it is cut short. */
    private static final int MOST_RUNS = 5;

    private final ManagerContext<C> context;
    private final EffectRunner<C> effectRunner;
    private final Executor executor;
    private final AtomicBoolean begun = new AtomicBoolean();

    /** How many connections are being closed, and one more until the last run is over. */
    private final AtomicInteger closing = new AtomicInteger(1);

    // Written by one run at a time.
    private boolean reported;
    private int runs;

    FailStop(ManagerContext<C> context, EffectRunner<C> effectRunner, Executor executor) {
        this.context = context;
        this.effectRunner = effectRunner;
        this.executor = executor;
    }

    /** @return false if there was no stack or no memory to begin */
    boolean begin() {
        if (begun.compareAndSet(false, true)) {
            try {
                executor.execute(this::run);
            } catch (Throwable notNow) {
                begun.set(false);
                return false;
            }
        }
        return true;
    }

    private void run() {
        runs++;
        Throwable cutShort = null;
        try {
            report();
            cutShort = context.machine().salvage(this);
            context.bags().connections().forEach(this::closeConnection);
        } catch (Throwable thrown) {
            cutShort = thrown;
        }
        if (cutShort instanceof VirtualMachineError && runs < MOST_RUNS) {
            begun.set(false);
            effectRunner.stopLater();
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
    @SuppressWarnings("unchecked") // this manager has made the owner of each of its waiters
    public void waiting(Object owner) {
        effectRunner.refuse((AcquireCallback<C>) owner, false);
    }

    @Override
    @SuppressWarnings("unchecked") // this manager has made the atomic slot of each of its slots
    public void open(Slot slot) {
        closeConnection((PooledConnection<C>) slot.atomicSlot());
    }

    /** The event may have failed while it changed the connection's bag: afterwards no caller can borrow it. */
    private void closeConnection(PooledConnection<C> connection) {
        context.listeners().guard("the end of a connection", connection::markDead);
        closing.incrementAndGet();
        try {
            executor.execute(() -> {
                context.listeners().guard("the end of a connection", () -> abort(connection));
                closed();
            });
        } catch (Throwable notNow) {
            // The slot is not marked as found, so that the next run finds it again.
            closing.decrementAndGet();
            throw notNow;
        }
    }

    /** Closes the connection, or stops its dial. If the dial succeeds all the same, it closes the connection. */
    private void abort(PooledConnection<C> connection) {
        SharedLink<C> shared = connection.shared();
        DialSequence<C> sequence = connection.dialSequence();
        if (shared != null) {
            shared.cutShort(context.clock().now());
        }
        if (connection.close()) {
            connection.tellGone(CloseReason.MANAGER_CLOSED);
        } else if (sequence != null) {
            sequence.stop();
        }
    }

    private void closed() {
        if (closing.decrementAndGet() == 0) {
            effectRunner.closeConnector(false);
        }
    }
}
