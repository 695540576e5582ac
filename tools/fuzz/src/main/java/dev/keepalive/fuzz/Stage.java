package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.Violation.require;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the machine and the model play the same event, one after the other, and are compared: effects, counts, totals,
 * alarm, and the invariants of both.
 */
final class Stage {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_LINES = 10_000;

    final Machine machine;
    final Lending lending;
    final Seen seen = new Seen();
    private final Model model;
    private final long patrol;
    private final @Nullable List<String> transcript;
    private final Map<Object, Asked> waiting = new HashMap<>();
    private final Map<String, Endpoint> endpoints = new HashMap<>();
    private List<Effect> decided = new ArrayList<>();

    /** The time that the next event brings. It may go back. */
    long time;

    long events;
    int finished;
    private long latest;
    private long alarm = NEVER;
    private long alarmVersion;

    /**
     * @param history takes the machine's history
     * @param transcript takes a line for each event and each effect, if wanted
     */
    Stage(Setup setup, Ties ties, History history, @Nullable List<String> transcript) {
        this.transcript = transcript;
        time = setup.start();
        latest = Math.max(0, time);
        patrol = setup.config().patrol();
        model = new Model(setup.limits(), setup.config(), seen, ties);
        lending = new Lending(model, seen);
        machine = new Machine(setup.limits(), setup.config(), lending::link, this::note, history);
    }

    /** The effects that were decided since the last call, but for those that only concern the listener. */
    List<Effect> takeDecided() {
        List<Effect> taken = decided;
        decided = new ArrayList<>();
        return taken;
    }

    Endpoint endpoint(String home) {
        return endpoints.computeIfAbsent(home, word -> Endpoint.of(word, "host", 1));
    }

    int waiting() {
        return waiting.size();
    }

    /** True if the machine counts on the alarm to go off. */
    boolean countsOnAlarm() {
        return alarm < NEVER;
    }

    /** True from the first drain or shutdown on. */
    boolean isEnding() {
        return model.isEnding();
    }

    /** True while no more may be open than the system had resources for. */
    boolean isScarce() {
        return model.ledger.ceiling < Integer.MAX_VALUE;
    }

    /** True while dials have failed and the endpoints are paused. */
    boolean isAnythingPaused() {
        return model.ledger.health.values().stream().anyMatch(health -> health.paused);
    }

    /** The time of the last event: what those who borrow go by. */
    long latest() {
        return latest;
    }

    // ---- events

    /** Something has happened of which the machine does not hear. */
    void unheard(String what) {
        if (transcript != null) {
            transcript.add("at " + time + "  (" + what + ")");
        }
        lending.check(this::isWaitedFor);
    }

    private boolean isWaitedFor(String home) {
        return waiting.values().stream().anyMatch(asked -> asked.home.equals(home));
    }

    void acquire(Asked asked) {
        long deadline = asked.deadline;
        waiting.put(asked.waiter, asked);
        event(
                () -> "acquire " + asked.name + " " + asked.home + on(asked.loop)
                        + (deadline == NEVER ? "" : " until " + deadline),
                () -> machine.acquire(asked.waiter, time),
                () -> model.acquire(asked.name, asked.home, deadline, asked.loop, time));
    }

    void tryAcquire(Asked asked) {
        waiting.put(asked.waiter, asked);
        event(
                () -> "tryAcquire " + asked.name + " " + asked.home + on(asked.loop),
                () -> {
                    if (!machine.tryAcquire(asked.waiter, time)) {
                        seen.add(asked.name + " gets nothing", null);
                        waiting.remove(asked.waiter);
                        asked.answered = true;
                    }
                },
                () -> model.tryAcquire(asked.name, asked.home, asked.loop, time));
    }

    void cancel(Asked asked) {
        event(
                () -> "cancel " + asked.name,
                () -> {
                    if (machine.cancel(asked.waiter, time)) {
                        require(waiting.remove(asked.waiter) != null, Check.WORLD, "withdrawn after its answer");
                        asked.answered = true;
                    } else {
                        seen.add("too late", null);
                    }
                },
                () -> model.cancel(asked.name, time));
    }

    void asked(Slot slot, boolean granted) {
        long number = slot.number();
        event(
                () -> (granted ? "granted " : "denied ") + number,
                () -> machine.permitAnswered(slot, granted, time),
                () -> model.asked(number, granted, time));
    }

    void dialled(Slot slot, DialResult result, int loop) {
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
                () -> model.dialled(number, result, loop, time));
    }

    private static String on(int loop) {
        return loop == 0 ? "" : " on " + loop;
    }

    void reset(Slot slot, boolean quiet) {
        long number = slot.number();
        event(
                () -> "reset " + number + (quiet ? " quiet" : " unquiet"),
                () -> machine.resetDone(slot, quiet, time),
                () -> model.reset(number, quiet, time));
    }

    /** @param as the endpoint that the connection is brought to, or null */
    void released(Slot slot, long lease, ReleaseKind kind, @Nullable String as) {
        long number = slot.number();
        Endpoint key = as == null ? null : endpoint(as);
        event(
                () -> "release " + number + " lease " + lease + " " + kind + (as == null ? "" : " as " + as),
                () -> {
                    if (!machine.released(slot, lease, kind, key, time)) {
                        seen.add("stale", null);
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
        alarm = NEVER;
        event(() -> "tick", () -> machine.tick(time), () -> model.tick(time));
    }

    void configure(Limits limits) {
        event(() -> "configure " + limits, () -> machine.configure(limits, time), () -> model.configure(limits, time));
    }

    void retire(String home) {
        event(() -> "retire " + home, () -> machine.retire(endpoint(home), time), () -> model.retire(home, time));
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
            require(paying[0] == expected, Check.MODEL, "says it pays " + paying[0] + " instead of " + expected);
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
        seen.clear();
        latest = Math.max(latest, time);
        if (transcript != null) {
            transcript.add("at " + time + "  " + what.get());
        }
        try {
            onMachine.run();
        } catch (Violation violation) {
            throw violation;
        } catch (RuntimeException | Error thrown) {
            throw new Violation(thrown);
        } finally {
            if (transcript != null) {
                seen.lines().forEach(line -> transcript.add("        " + line));
            }
        }
        onModel.run();
        seen.expectNothingMore();
        compare();
    }

    // ---- comparing

    private void compare() {
        try {
            machine.check();
        } catch (IllegalStateException broken) {
            throw new Violation(broken);
        }
        Ledger ledger = model.ledger;
        Properties.check(ledger);
        lending.check(this::isWaitedFor);
        requireSame("counts", machine.counts(), ledger.counts(null));
        requireSame("totals", machine.totals(), model.tally.totals());
        Map<Endpoint, Counts> byEndpoint =
                ledger.homes().stream().collect(Collectors.toMap(this::endpoint, ledger::counts));
        requireSame("counts by endpoint", machine.countsByEndpoint(), byEndpoint);
        require(waiting.size() == ledger.waiters.size(), Check.WORLD, "not everybody who waits is in line");
        long due = model.nextDue();
        if (ledger.counts(null).leased() + ledger.counts(null).idle() > 0) {
            due = Math.min(due, latest + patrol);
        }
        if (alarm > due) {
            throw new Violation(Check.ALARM, "something is due at " + due + ", the alarm is set for " + alarm);
        }
    }

    static void requireSame(String what, Object seen, Object expected) {
        if (!seen.equals(expected)) {
            throw new Violation(Check.BOOKS, what + ": " + seen + " instead of " + expected);
        }
    }

    // ---- effects

    private void note(Effect effect) {
        if (effect instanceof Effect.WakeAt wake) {
            require(wake.version() > alarmVersion, Check.ALARM, "an alarm with an old version");
            require(wake.time() < alarm, Check.ALARM, "the alarm is moved to a later time");
            alarmVersion = wake.version();
            alarm = wake.time();
        } else {
            seen.add(line(effect), effect);
        }
        require(seen.lines().size() < MOST_LINES, Check.WORLD, "one event has effects without end");
        decided.add(effect);
    }

    private String line(Effect effect) {
        if (effect instanceof Effect.Deliver deliver) {
            Asked asked = answer(deliver.waiter(), deliver.owner());
            return asked.name + " gets " + deliver.slot().number() + " " + deliver.origin() + " " + deliver.lease();
        } else if (effect instanceof Effect.Fail fail) {
            Asked asked = answer(fail.waiter(), fail.owner());
            Slot dial = fail.dial();
            return asked.name + " fails " + fail.outcome() + (dial == null ? "" : " " + dial.number());
        } else if (effect instanceof Effect.RequestPermit ask) {
            return "ask " + ask.slot().number() + " " + ask.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Dial dial) {
            return "dial " + dial.slot().number() + " " + dial.slot().endpoint().scheme();
        } else if (effect instanceof Effect.Gone gone) {
            return "gone " + gone.slot().number() + " " + gone.reason();
        } else if (effect instanceof Effect.CloseOverdue overdue) {
            return "overdue " + overdue.slot().number();
        } else if (effect instanceof Effect.HeldTooLong held) {
            return "held " + held.slot().number();
        } else if (effect instanceof Effect.ReturnPermit back) {
            return "give back " + back.slot().number();
        } else if (effect instanceof Effect.Finished end) {
            finished++;
            return end.clean() ? "finished clean" : "finished cut";
        }
        return endLine(effect);
    }

    private static String endLine(Effect effect) {
        if (effect instanceof Effect.CancelPermitRequest unask) {
            requireKilled(unask.slot());
            return "unask " + unask.slot().number();
        } else if (effect instanceof Effect.Stop stop) {
            requireKilled(stop.slot());
            return "stop " + stop.slot().number() + " " + stop.reason();
        } else if (effect instanceof Effect.Close close) {
            requireKilled(close.slot());
            return "close " + close.slot().number() + " " + close.reason();
        }
        throw new IllegalArgumentException("an unknown effect: " + effect);
    }

    private Asked answer(Object waiter, Object owner) {
        Asked asked = waiting.remove(waiter);
        if (asked == null || asked.answered) {
            throw new Violation(Check.WORLD, owner + " is answered for the second time");
        }
        asked.answered = true;
        require(owner == asked, Check.WORLD, "somebody is answered in the name of another");
        return asked;
    }

    private static void requireKilled(Slot slot) {
        require(((Link) slot.atomicSlot()).killed, Check.WORLD, "a slot ends, but could still be claimed");
    }
}
