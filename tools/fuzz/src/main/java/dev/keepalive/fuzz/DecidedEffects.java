package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The effects of the machine: each as a line for the model, and what must hold of each from outside. */
final class DecidedEffects {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_LINES = 10_000;

    /** The callers without an answer, by waiter. */
    final Map<Object, SimulatedCaller> waiting = new HashMap<>();

    private final ObservedEffects observed;
    private List<Effect> decided = new ArrayList<>();
    int finished;
    long alarm = NEVER;
    private long alarmVersion;

    DecidedEffects(ObservedEffects observed) {
        this.observed = observed;
    }

    /** The effects decided since the last call. */
    List<Effect> takeDecided() {
        List<Effect> taken = decided;
        decided = new ArrayList<>();
        return taken;
    }

    void record(Effect effect) {
        if (effect instanceof Effect.WakeAt wake) {
            require(wake.version() > alarmVersion, Check.ALARM, "the alarm has an old version");
            require(wake.time() < alarm, Check.ALARM, "the alarm is moved to a later time");
            alarmVersion = wake.version();
            alarm = wake.time();
        } else {
            observed.add(line(effect), effect);
        }
        require(observed.lines().size() < MOST_LINES, Check.ENVIRONMENT, "one event has too many effects");
        decided.add(effect);
    }

    private String line(Effect effect) {
        if (effect instanceof Effect.Deliver deliver) {
            SimulatedCaller caller = takeAnswered(deliver.waiter(), deliver.owner());
            return caller.name + " gets " + deliver.slot().number() + " " + deliver.origin() + " " + deliver.lease();
        } else if (effect instanceof Effect.Fail fail) {
            SimulatedCaller caller = takeAnswered(fail.waiter(), fail.owner());
            Slot dial = fail.dial();
            return caller.name + " fails " + fail.outcome() + (dial == null ? "" : " " + dial.number());
        } else if (effect instanceof Effect.RequestPermit ask) {
            return "request permit " + ask.slot().number() + " "
                    + ask.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Dial dial) {
            return "dial " + dial.slot().number() + " " + dial.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Gone gone) {
            return "gone " + gone.slot().number() + " " + gone.reason();
        } else if (effect instanceof Effect.CloseOverdue overdue) {
            return "close overdue " + overdue.slot().number();
        } else if (effect instanceof Effect.HeldTooLong held) {
            return "held too long " + held.slot().number() + " lease " + held.lease();
        } else if (effect instanceof Effect.Lingers lingers) {
            return "lingers " + lingers.slot().number() + " with " + lingers.leases();
        } else if (effect instanceof Effect.ReturnPermit back) {
            return "return permit " + back.slot().number();
        } else if (effect instanceof Effect.Finished end) {
            finished++;
            return end.clean() ? "finished clean" : "finished cut";
        }
        return endLine(effect);
    }

    private static String endLine(Effect effect) {
        if (effect instanceof Effect.CancelPermitRequest unask) {
            requireKilled(unask.slot());
            return "cancel permit request " + unask.slot().number();
        } else if (effect instanceof Effect.Stop stop) {
            requireKilled(stop.slot());
            return "stop " + stop.slot().number() + " " + stop.reason();
        } else if (effect instanceof Effect.Close close) {
            requireKilled(close.slot());
            return "close " + close.slot().number() + " " + close.reason();
        }
        throw new IllegalArgumentException("an unknown effect: " + effect);
    }

    private SimulatedCaller takeAnswered(Object waiter, Object owner) {
        SimulatedCaller caller = waiting.remove(waiter);
        if (caller == null || caller.answered) {
            throw new FuzzViolation(Check.ENVIRONMENT, owner + " is answered twice");
        }
        caller.answered = true;
        require(owner == caller, Check.ENVIRONMENT, "a caller gets the answer of another");
        return caller;
    }

    private static void requireKilled(Slot slot) {
        require(((SimulatedSlot) slot.atomicSlot()).killed, Check.ENVIRONMENT, "a slot ends but can still be claimed");
    }
}
