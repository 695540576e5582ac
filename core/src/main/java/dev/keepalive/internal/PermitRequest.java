package dev.keepalive.internal;

import dev.keepalive.machine.Slot;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a slot asks of the budget: for one permit, once, unless that is withdrawn. Tells the machine the answer, exactly
 * once. Safe from any thread.
 */
final class PermitRequest {
    private enum Mark {
        NONE,
        /** The budget has not returned it yet. */
        BEGUN,
        WITHDRAWN
    }

    private final Slot slot;
    private final LockedMachine machine;
    private final SharedBudget.Member member;

    /** A mark, or the ask that waits. */
    private final AtomicReference<Object> state = new AtomicReference<>(Mark.NONE);

    PermitRequest(Slot slot, LockedMachine machine, SharedBudget.Member member) {
        this.slot = slot;
        this.machine = machine;
        this.member = member;
    }

    void request() {
        if (!state.compareAndSet(Mark.NONE, Mark.BEGUN)) {
            return;
        }
        SharedBudget.Request waiting = member.request(() -> answer(true));
        if (waiting != null && !state.compareAndSet(Mark.BEGUN, waiting)) {
            withdraw(waiting);
        }
    }

    void cancel() {
        Object before = state.getAndSet(Mark.WITHDRAWN);
        if (before == Mark.NONE) {
            answer(false);
        } else if (before instanceof SharedBudget.Request waiting) {
            withdraw(waiting);
        }
    }

    private void withdraw(SharedBudget.Request waiting) {
        if (member.cancel(waiting)) {
            answer(false);
        }
    }

    private void answer(boolean granted) {
        machine.submit((machine, now) -> machine.permitAnswered(slot, granted, now));
    }
}
