package dev.keepalive.fuzz;

import java.util.LinkedHashSet;
import java.util.Set;

/** The endpoints that the model knows to work: the last of their dials that ended has succeeded. */
final class ModelProven {
    private final ModelState state;
    private final Set<String> proven = new LinkedHashSet<>();

    /** Of them those that have nothing left; the one that had something last is last. */
    private final Set<String> remembered = new LinkedHashSet<>();

    ModelProven(ModelState state) {
        this.state = state;
    }

    boolean contains(String endpoint) {
        return proven.contains(endpoint);
    }

    /** A dial to the endpoint has ended. */
    void set(String endpoint, boolean works) {
        if (works) {
            proven.add(endpoint);
        } else {
            proven.remove(endpoint);
        }
    }

    /** The endpoint gets a waiter or a slot. */
    void know(String endpoint) {
        remembered.remove(endpoint);
    }

    /** The endpoint may have lost its last waiter or slot. */
    void forgetIfEmpty(String endpoint) {
        if (state.endpoints().contains(endpoint)) {
            return;
        }
        if (!proven.contains(endpoint)) {
            state.learned.remove(endpoint);
            return;
        }
        remembered.add(endpoint);
        if (remembered.size() > state.config.rememberedEndpoints()) {
            String first = remembered.iterator().next();
            remembered.remove(first);
            proven.remove(first);
            state.learned.remove(first);
        }
    }

    /** How many more dials to other endpoints may begin. */
    int shareLeft() {
        int room = Math.min(state.limits.maxOpen(), state.ceiling);
        boolean alone = state.endpoints().size() < 2;
        double share = alone ? room : Math.max(1, Math.ceil(room * state.config.unprovenPercent() / 100.0));
        int taken = 0;
        for (ModelSlot slot : state.slots) {
            taken += slot.isOpening() && !proven.contains(slot.endpoint) ? 1 : 0;
        }
        return (int) Math.max(0, share - taken);
    }

    boolean isKeptOutByShare(String endpoint) {
        return !proven.contains(endpoint) && shareLeft() == 0;
    }

    /** True if other endpoints want to open more than their share allows. */
    boolean isShareShort() {
        return demand(false) > shareLeft();
    }

    /** How many connections all endpoints want together, as far as the share allows. */
    int demand() {
        return demand(true) + Math.min(demand(false), shareLeft());
    }

    private int demand(boolean works) {
        int demand = 0;
        for (String endpoint : state.endpoints()) {
            demand += proven.contains(endpoint) == works ? state.wanted(endpoint) : 0;
        }
        return demand;
    }
}
