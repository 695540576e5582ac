package dev.keepalive.internal;

import dev.keepalive.machine.Slot;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The request of one slot for one permit of the budget. It is made once, and may be cancelled. The machine is told the
 * answer exactly once: granted or not. Safe from any thread.
 */
final class PermitRequest {
    private enum Mark {
        NONE,
        /** The call to the budget has not returned yet. */
        BEGUN,
        CANCELLED
    }

    private final Slot slot;
    private final LockedMachine machine;
    private final SharedBudget.Member member;

    /** A mark, or the request that waits in the budget. */
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
        Object before = state.getAndSet(Mark.CANCELLED);
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
