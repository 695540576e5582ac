package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** Retired shared connections whose leases do not end, in the model: they are reported, and may be closed. */
final class ModelLinger {
    private static final long NEVER = Long.MAX_VALUE;

    private final ModelState state;
    private final ModelActions actions;

    ModelLinger(ModelState state, ModelActions actions) {
        this.state = state;
        this.actions = actions;
    }

    /** When it is looked at a leased shared slot; {@link Long#MAX_VALUE} for never. */
    long due(ModelSlot slot) {
        return slot.retired && slot.state == State.LEASED
                ? Math.max(slot.lookedAtUntil, Math.min(reportDue(slot), endDue(slot)))
                : NEVER;
    }

    private long reportDue(ModelSlot slot) {
        return slot.lingerTold ? NEVER : ModelState.after(slot.retiredAt, state.config.lingerReport());
    }

    private long endDue(ModelSlot slot) {
        return ModelState.after(slot.retiredAt, state.config.lingerTimeout());
    }

    private boolean isTold(ModelSlot slot) {
        return reportDue(slot) <= state.now && keepsOwnOut(slot);
    }

    private boolean isEnded(ModelSlot slot) {
        return endDue(slot) <= state.now && (keepsOwnOut(slot) || state.isShort());
    }

    private boolean keepsOwnOut(ModelSlot slot) {
        boolean full = state.open(slot.endpoint) >= state.limits.maxOpenPerEndpoint() || state.free() <= 0;
        return full && state.uncovered(slot.endpoint) > 0;
    }

    /** How the first line begins of what follows when it is looked at; null if nothing follows. */
    @Nullable
    String line(ModelSlot slot) {
        if (isTold(slot)) {
            return lingersLine(slot);
        }
        return isEnded(slot) ? ModelActions.endLine(slot, CloseReason.RETIRED) : null;
    }

    void look(ModelSlot slot) {
        if (isTold(slot)) {
            slot.lingerTold = true;
            actions.expectLine(lingersLine(slot));
        }
        if (isEnded(slot)) {
            actions.end(slot, CloseReason.RETIRED);
        } else {
            slot.lookedAtUntil = state.after(state.config.patrol());
        }
    }

    private static String lingersLine(ModelSlot slot) {
        return "lingers " + slot.number + " with " + slot.leases();
    }
}
