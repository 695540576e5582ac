package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays each event on the machine and then on the model, and compares both: effects, counts, totals, alarm and
 * invariants.
 */
final class LockstepComparison {
    private static final long NEVER = Long.MAX_VALUE;

    final Machine machine;
    final BorrowInvariants borrowInvariants;
    final ObservedEffects observed = new ObservedEffects();
    private final ReferenceModel model;
    private final long patrol;
    private final @Nullable List<String> transcript;
    private final DecidedEffects effects = new DecidedEffects(observed);
    private final Map<String, Endpoint> endpoints = new HashMap<>();

    /** The time of the next event. It may go back. */
    long time;

    long events;
    private long lastEventTime;

    /**
     * Creates the machine and its model.
     *
     * @param history takes the history of the machine
     * @param transcript takes a line for each event and each effect; null if not wanted
     */
    LockstepComparison(FuzzSetup setup, TieGuesses guesses, History history, @Nullable List<String> transcript) {
        this.transcript = transcript;
        time = setup.start();
        lastEventTime = Math.max(0, time);
        patrol = setup.config().patrol();
        model = new ReferenceModel(setup.limits(), setup.config(), observed, guesses);
        borrowInvariants = new BorrowInvariants(model, observed);
        machine = new Machine(setup.limits(), setup.config(), borrowInvariants::newSlot, effects::record, history);
    }

    /** The effects decided since the last call. */
    List<Effect> takeDecided() {
        return effects.takeDecided();
    }

    Endpoint endpoint(String endpoint) {
        return endpoints.computeIfAbsent(endpoint, word -> Endpoint.of(word, "host", 1));
    }

    int waiting() {
        return effects.waiting.size();
    }

    /** True if the machine has set the alarm. */
    boolean isAlarmSet() {
        return effects.alarm < NEVER;
    }

    /** How often the end was told. */
    int finished() {
        return effects.finished;
    }

    /** True once a drain or shutdown has begun. */
    boolean isEnding() {
        return model.isEnding();
    }

    /** True while the host has no resources for more connections. */
    boolean isScarce() {
        return model.state.ceiling < Integer.MAX_VALUE;
    }

    /** True while an endpoint is paused after failed dials. */
    boolean isAnythingPaused() {
        return model.state.health.values().stream().anyMatch(health -> health.paused);
    }

    /** The time of the last event, which borrowers use. */
    long lastEventTime() {
        return lastEventTime;
    }

    // ---- events

    /** Notes something that the machine is not told of. */
    void unreported(String what) {
        if (transcript != null) {
            transcript.add("at " + time + "  (" + what + ")");
        }
        borrowInvariants.check(this::isWaitedFor);
    }

    private boolean isWaitedFor(String endpoint) {
        return effects.waiting.values().stream().anyMatch(caller -> !caller.fresh && caller.endpoint.equals(endpoint));
    }

    void acquire(SimulatedCaller caller) {
        long deadline = caller.deadline;
        effects.waiting.put(caller.waiter, caller);
        event(
                () -> "acquire " + caller.wish() + caller.name + " " + caller.endpoint + on(caller.loop)
                        + (deadline == NEVER ? "" : " until " + deadline),
                () -> machine.acquire(caller.waiter, time),
                () -> model.acquire(caller, time));
    }

    void tryAcquire(SimulatedCaller caller) {
        effects.waiting.put(caller.waiter, caller);
        event(
                () -> "tryAcquire " + caller.name + " " + caller.endpoint + on(caller.loop),
                () -> {
                    if (!machine.tryAcquire(caller.waiter, time)) {
                        observed.add(caller.name + " gets nothing", null);
                        effects.waiting.remove(caller.waiter);
                        caller.answered = true;
                    }
                },
                () -> model.tryAcquire(caller.name, caller.endpoint, caller.loop, time));
    }

    void cancel(SimulatedCaller caller) {
        event(
                () -> "cancel " + caller.name,
                () -> {
                    if (machine.cancel(caller.waiter, time)) {
                        require(
                                effects.waiting.remove(caller.waiter) != null,
                                Check.ENVIRONMENT,
                                "an acquire is cancelled after its answer");
                        caller.answered = true;
                    } else {
                        observed.add("too late", null);
                    }
                },
                () -> model.cancel(caller.name, time));
    }

    void permitAnswered(Slot slot, boolean granted) {
        long number = slot.number();
        event(
                () -> (granted ? "granted " : "denied ") + number,
                () -> machine.permitAnswered(slot, granted, time),
                () -> model.permitAnswered(number, granted, time));
    }

    void dialDone(Slot slot, DialResult result, int loop) {
        long number = slot.number();
        String how =
                switch (result) {
                    case OPENED -> "opened ";
                    case FAILED -> "refused ";
                    case OUT_OF_RESOURCES -> "ran out ";
                };
        event(
                () -> how + number + on(loop),
                () -> machine.dialDone(slot, result, loop, time),
                () -> model.dialDone(number, result, loop, time));
    }

    void openedShared(Slot slot, int loop, int capacity) {
        long number = slot.number();
        event(
                () -> "opened " + number + on(loop) + " shared by " + capacity,
                () -> machine.openedShared(slot, loop, capacity, time),
                () -> model.openedShared(number, loop, capacity, time));
    }

    void capacity(Slot slot, int capacity) {
        long number = slot.number();
        event(
                () -> "capacity " + number + " " + capacity,
                () -> machine.capacity(slot, capacity, time),
                () -> model.capacity(number, capacity, time));
    }

    private static String on(int loop) {
        return loop == 0 ? "" : " on " + loop;
    }

    void resetDone(Slot slot, boolean quiet) {
        long number = slot.number();
        event(
                () -> "reset " + number + (quiet ? " quiet" : " unquiet"),
                () -> machine.resetDone(slot, quiet, time),
                () -> model.resetDone(number, quiet, time));
    }

    void leaseReset(Slot slot, long lease, boolean reusable) {
        long number = slot.number();
        event(
                () -> "reset " + number + " lease " + lease + (reusable ? " quiet" : " unquiet"),
                () -> machine.resetDone(slot, lease, reusable, time),
                () -> model.leaseReset(number, lease, reusable, time));
    }

    /**
     * A lease has ended.
     *
     * @param as the endpoint that the connection moves to; null for none
     */
    void released(Slot slot, long lease, ReleaseKind kind, @Nullable String as) {
        long number = slot.number();
        Endpoint key = as == null ? null : endpoint(as);
        event(
                () -> "release " + number + " lease " + lease + " " + kind + (as == null ? "" : " as " + as),
                () -> {
                    if (!machine.released(slot, lease, kind, key, time)) {
                        observed.add("stale", null);
                    }
                },
                () -> model.released(number, lease, kind, as, time));
    }

    void closed(Slot slot, CloseReason unasked) {
        long number = slot.number();
        event(
                () -> "closed " + number + " " + unasked,
                () -> machine.closed(slot, unasked, time),
                () -> model.closed(number, unasked, time));
    }

    void tick() {
        effects.alarm = NEVER;
        event(() -> "tick", () -> machine.tick(time), () -> model.tick(time));
    }

    void configure(Limits limits) {
        event(() -> "configure " + limits, () -> machine.configure(limits, time), () -> model.configure(limits, time));
    }

    void retire(String endpoint) {
        event(
                () -> "retire " + endpoint,
                () -> machine.retire(endpoint(endpoint), time),
                () -> model.retire(endpoint, time));
    }

    void retireAll() {
        event(() -> "retire all", () -> machine.retireAll(time), () -> model.retireAll(time));
    }

    void retireOne(Slot slot) {
        long number = slot.number();
        event(() -> "retire number " + number, () -> machine.retire(slot, time), () -> model.retireOne(number, time));
    }

    void owed(int level) {
        int[] paying = new int[1];
        event(() -> "owed " + level, () -> paying[0] = machine.owed(level, time), () -> {
            int expected = model.owed(level, time);
            require(
                    paying[0] == expected,
                    Check.MODEL,
                    "the machine says that it returns " + paying[0] + " instead of " + expected);
        });
    }

    void drain(long deadline) {
        String until = deadline == NEVER ? "" : " until " + deadline;
        event(() -> "drain" + until, () -> machine.drain(deadline, time), () -> model.drain(deadline, time));
    }

    void shutdown() {
        event(() -> "shutdown", () -> machine.shutdown(time), () -> model.shutdown(time));
    }

    private void event(Supplier<String> what, Runnable onMachine, Runnable onModel) {
        events++;
        observed.clear();
        lastEventTime = Math.max(lastEventTime, time);
        if (transcript != null) {
            transcript.add("at " + time + "  " + what.get());
        }
        try {
            onMachine.run();
        } catch (FuzzViolation violation) {
            throw violation;
        } catch (RuntimeException | Error thrown) {
            throw new FuzzViolation(thrown);
        } finally {
            if (transcript != null) {
                observed.lines().forEach(line -> transcript.add("        " + line));
            }
        }
        onModel.run();
        observed.expectNothingMore();
        compare();
    }

    // ---- comparing

    private void compare() {
        try {
            machine.check();
        } catch (IllegalStateException broken) {
            throw new FuzzViolation(broken);
        }
        ModelState state = model.state;
        ModelInvariants.check(state);
        borrowInvariants.check(this::isWaitedFor);
        requireSame("counts", machine.counts(), state.counts(null));
        requireSame("totals", machine.totals(), model.totals.totals());
        Map<Endpoint, Counts> byEndpoint =
                state.endpoints().stream().collect(Collectors.toMap(this::endpoint, state::counts));
        requireSame("counts by endpoint", machine.countsByEndpoint(), byEndpoint);
        require(
                effects.waiting.size() == state.waiters.size(),
                Check.ENVIRONMENT,
                "not every waiting caller is in a wait queue");
        long due = model.nextDue();
        if (state.counts(null).leased() + state.counts(null).idle() > 0) {
            due = Math.min(due, lastEventTime + patrol);
        }
        if (effects.alarm > due) {
            throw new FuzzViolation(
                    Check.ALARM, "the next deadline is " + due + ", the alarm is set for " + effects.alarm);
        }
    }

    static void requireSame(String what, Object seen, Object expected) {
        if (!seen.equals(expected)) {
            throw new FuzzViolation(Check.COUNTS, what + ": " + seen + " instead of " + expected);
        }
    }
}
