package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** What happens to the places of shared connections, in the model. */
final class ModelShared {
    private static final long NEVER = Long.MAX_VALUE;

    private final ModelState state;
    private final ModelActions actions;
    private final ModelClosures closures;
    private final ModelDispatch dispatch;
    private final ModelYields yields;
    private final ModelLinger linger;

    ModelShared(
            ModelState state,
            ModelActions actions,
            ModelClosures closures,
            ModelDispatch dispatch,
            ModelYields yields) {
        this.state = state;
        this.actions = actions;
        this.closures = closures;
        this.dispatch = dispatch;
        this.yields = yields;
        this.linger = new ModelLinger(state, actions);
    }

    // ---- events

    /**
     * The dial has brought a shared connection, which serves its waiters.
     *
     * @return false if it was dead before it served any
     */
    boolean opened(ModelSlot slot, int leases) {
        slot.shared = true;
        slot.capacity = leases;
        slot.capacitySince = state.now;
        slot.restsUntil = state.after(state.config.yieldWindow());
        slot.retiredAt = state.now;
        if (state.isOverLimit(slot.endpoint) || state.isOverLimit()) {
            actions.end(slot, CloseReason.RETIRED);
            return true;
        }
        return dispatch.serveBatch(slot);
    }

    /** What follows once the batch is served. */
    void batchServed(ModelSlot slot) {
        if (slot.state == State.DIALING) {
            actions.parkShared(slot);
            if (slot.retired || closures.begun) {
                actions.end(slot, slot.retired ? CloseReason.RETIRED : CloseReason.MANAGER_CLOSED);
            }
        }
        actions.noteChange(slot);
        dispatch.serve(slot.endpoint);
    }

    void capacity(ModelSlot slot, int leases) {
        if (!isOpenShared(slot)) {
            return;
        }
        boolean up = leases > slot.capacity;
        slot.capacitySince = leases == slot.capacity ? slot.capacitySince : state.now;
        slot.capacity = leases;
        if (up && leases > slot.places.size()) {
            slot.freeSince = state.event;
        }
        actions.noteChange(slot);
        if (up && leases > slot.places.size()) {
            dispatch.serve(slot.endpoint);
        }
    }

    /** @return true if the lease had not ended */
    boolean released(ModelSlot slot, long lease, ReleaseKind kind) {
        ModelPlace place = placeOf(slot, lease);
        if (place == null || place.ending) {
            return false;
        }
        if (kind == ReleaseKind.REUSE) {
            free(slot, place, state.event);
        } else {
            place.ending = true;
            place.endedIn = state.event;
            place.endedAt = state.now;
        }
        return true;
    }

    void reset(ModelSlot slot, long lease, boolean reusable) {
        ModelPlace place = placeOf(slot, lease);
        if (place != null && place.ending) {
            if (!reusable) {
                actions.retire(slot);
            }
            free(slot, place, place.endedIn);
        }
    }

    private static @Nullable ModelPlace placeOf(ModelSlot slot, long lease) {
        for (ModelPlace place : slot.places) {
            if (place.lease == lease) {
                return place;
            }
        }
        return null;
    }

    private static boolean isOpenShared(ModelSlot slot) {
        return slot.shared && (slot.state == State.IDLE || slot.state == State.LEASED);
    }

    // ---- places

    private void free(ModelSlot slot, ModelPlace place, long since) {
        slot.places.remove(place);
        CloseReason ends = slot.places.isEmpty() ? reasonToEnd(slot) : null;
        if (ends != null) {
            actions.end(slot, ends);
            return;
        }
        slot.freeSince = since;
        actions.noteChange(slot);
        dispatch.serve(slot.endpoint);
        if (slot.state == State.LEASED && slot.places.isEmpty()) {
            if (closures.begun) {
                actions.end(slot, CloseReason.MANAGER_CLOSED);
            } else {
                actions.parkShared(slot);
            }
        }
    }

    private @Nullable CloseReason reasonToEnd(ModelSlot slot) {
        if (slot.retired || state.isOverLimit(slot.endpoint) || state.isOverLimit()) {
            return CloseReason.RETIRED;
        } else if (slot.expires <= state.now) {
            return CloseReason.LIFETIME;
        }
        return slot.yields == null ? null : CloseReason.EVICTED;
    }

    // ---- deadlines

    /** When something is due at an open shared slot; {@link Long#MAX_VALUE} for never. */
    long due(ModelSlot slot) {
        if (slot.state == State.IDLE) {
            return Math.min(idleDue(slot), slot.expires);
        }
        long due = Math.min(Math.min(windowDue(slot), ageDue(slot)), linger.due(slot));
        for (ModelPlace place : slot.places) {
            due = Math.min(due, Math.min(resetDue(place), reportDue(place)));
        }
        return due;
    }

    private long idleDue(ModelSlot slot) {
        return slot.capacity > 0
                ? ModelState.after(slot.idleSince, state.config.idleTimeout())
                : ModelState.after(Math.max(slot.idleSince, slot.capacitySince), state.config.cleanupTimeout());
    }

    private long resetDue(ModelPlace place) {
        return place.ending ? ModelState.after(place.endedAt, state.config.cleanupTimeout()) : NEVER;
    }

    private long reportDue(ModelPlace place) {
        return place.ending || place.reported
                ? NEVER
                : ModelState.after(place.begunAt, state.config.leakDetectionThreshold());
    }

    private static long windowDue(ModelSlot slot) {
        return slot.yields == null || slot.yields.isOver ? NEVER : slot.yields.until;
    }

    private static long ageDue(ModelSlot slot) {
        return slot.yields != null || slot.retired || slot.expires == NEVER
                ? NEVER
                : Math.max(slot.expires, slot.restsUntil);
    }

    private @Nullable ModelPlace dueReset(ModelSlot slot) {
        ModelPlace first = null;
        long time = due(slot);
        for (ModelPlace place : slot.places) {
            boolean due = resetDue(place) == time;
            first = due && (first == null || place.endedIn < first.endedIn) ? place : first;
        }
        return first;
    }

    private @Nullable ModelPlace dueReport(ModelSlot slot) {
        long time = due(slot);
        for (ModelPlace place : slot.places) {
            if (reportDue(place) == time) {
                return place;
            }
        }
        return null;
    }

    /** How the first line of what is due begins; null if it may have no visible effect. */
    @Nullable
    String dueLine(ModelSlot slot) {
        if (slot.state == State.IDLE) {
            return ModelActions.endLine(slot, idleReason(slot));
        }
        ModelPlace report = dueReport(slot);
        if (dueReset(slot) != null) {
            return slot.places.size() == 1 ? ModelActions.endLine(slot, CloseReason.RETIRED) : null;
        }
        if (report != null) {
            return ModelActions.heldLine(slot, report.lease);
        }
        return slot.retired ? linger.line(slot) : null;
    }

    private CloseReason idleReason(ModelSlot slot) {
        if (slot.expires <= state.now) {
            return CloseReason.LIFETIME;
        }
        return slot.capacity > 0 ? CloseReason.IDLE_TIMEOUT : CloseReason.NO_ROOM;
    }

    /** Handles one of the things that are due at an open shared slot. */
    void expire(ModelSlot slot) {
        ModelPlace reset = dueReset(slot);
        ModelPlace report = dueReport(slot);
        if (slot.state == State.IDLE) {
            actions.end(slot, idleReason(slot));
        } else if (reset != null) {
            actions.retire(slot);
            free(slot, reset, reset.endedIn);
        } else if (report != null) {
            actions.heldTooLong(slot, report);
        } else if (slot.retired) {
            linger.look(slot);
        } else if (slot.yields != null && !slot.yields.isOver) {
            windowOver(slot, slot.yields);
        } else {
            yields.begin(slot, true);
        }
    }

    private void windowOver(ModelSlot slot, ModelYield its) {
        its.isOver = true;
        if (!its.forAge || yields.isMissed(slot.endpoint)) {
            takeBack(slot);
        }
    }

    /** The slot takes leases again, and serves the waiters that there are. */
    void takeBack(ModelSlot slot) {
        yields.takeBack(slot);
        dispatch.serve(slot.endpoint);
    }
}
