package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.EffectDigest;
import dev.keepalive.machine.Giving;
import dev.keepalive.machine.HistoryWriter;
import dev.keepalive.machine.Journal;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.Rules;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells a state machine again what a manager's machine was told, from a recording ({@link dev.keepalive.ManagerBuilder#record}), and checks that the same
 * comes of it: the digests of the effects in the recording must be those of the effects here. After every event all invariants can be checked.
 * So a hang in production becomes a test. Not safe for several threads.
 */
public final class Replay {
    private final HistoryReader reader;
    private final EffectDigest digest = new EffectDigest();
    private long recordedDigest;
    private final Machine machine;
    private final Map<Long, Endpoint> endpoints = new HashMap<>();
    private final Map<Long, Slot> slots = new HashMap<>();
    private final Map<Long, Waiter> waiters = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private List<String> lastLines = List.of();
    private Consumer<String> transcript = line -> {};
    private boolean checking = true;
    private long events;
    private long time;
    private long more;

    private Replay(InputStream recording) throws IOException {
        reader = new HistoryReader(recording);
        Limits limits = reader.limits();
        Rules rules = reader.rules();
        machine = new Machine(limits, rules, ReplayedWire::new, this::note, new Comparison());
    }

    /**
     * The replay of a recording; {@link #run} runs it.
     *
     * @throws IOException if it is not a recording, or cannot be read
     */
    public static Replay of(InputStream recording) throws IOException {
        return new Replay(recording);
    }

    /** Has each event, and each of its effects, as a line. */
    public Replay transcript(Consumer<String> to) {
        transcript = to;
        return this;
    }

    /** Leaves the invariants unchecked, for long recordings. */
    public Replay withoutChecks() {
        checking = false;
        return this;
    }

    /**
     * Replays all of it.
     *
     * @return the number of events
     * @throws IOException if the recording cannot be read; an {@link java.io.EOFException} if it ends in the midst of an entry
     * @throws IllegalStateException if something else comes of it than came of it when it was recorded, or an invariant does not hold
     */
    public long run() throws IOException {
        try {
            while (reader.hasNext()) {
                entry((int) reader.number());
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return events;
    }

    /** How many events have been replayed. */
    public long events() {
        return events;
    }

    /** All counts as they are after the last event. */
    public Counts counts() {
        return machine.counts();
    }

    /** The counts by endpoint as they are after the last event. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        return machine.countsByEndpoint();
    }

    private void entry(int kind) throws IOException {
        if (kind == HistoryWriter.MORE) {
            more = reader.number();
        } else if (kind == HistoryWriter.ENDPOINT) {
            endpoints.put(reader.number(), reader.endpoint());
        } else {
            event(oneOf(Journal.Entry.values(), kind));
        }
    }

    private void event(Journal.Entry entry) throws IOException {
        recordedDigest = reader.number();
        time += reader.signed();
        long subject = reader.number();
        long detail = reader.signed();
        events++;
        lastLines = List.copyOf(lines);
        lines.clear();
        happens(entry, subject, detail);
        more = 0;
        transcript.accept(events + " at " + time + ": " + entry + " " + subject + " " + detail);
        lines.forEach(line -> transcript.accept("    " + line));
        if (checking) {
            machine.check();
        }
    }

    private <T> T oneOf(T[] all, long index) throws IOException {
        if (index < 0 || index >= all.length) {
            throw new IOException("not a recording: number " + index + " among " + all.length + " in event " + events);
        }
        return all[(int) index];
    }

    private void happens(Journal.Entry entry, long subject, long detail) throws IOException {
        switch (entry) {
            case ACQUIRE -> acquire(subject, detail);
            case TRY_ACQUIRE -> tryAcquire(subject);
            case CANCEL -> machine.cancel(waiter(subject), time);
            case ASKED -> machine.asked(slot(subject), detail == 1, time);
            case DIALLED -> machine.dialled(slot(subject), oneOf(DialResult.values(), detail), (int) more, time);
            case RESET -> machine.reset(slot(subject), detail == 1, time);
            case RELEASED -> {
                int ways = Giving.values().length;
                Giving giving = oneOf(Giving.values(), detail % ways);
                machine.released(slot(subject), detail / ways, giving, more == 0 ? null : endpoint(more), time);
            }
            case CLOSED -> machine.closed(slot(subject), oneOf(CloseReason.values(), detail), time);
            case TICK -> machine.tick(time);
            case CONFIGURE -> machine.configure(Limits.of(subject, detail), time);
            case RETIRE -> machine.retire(endpoint(subject), time);
            case RETIRE_ONE -> machine.retire(slot(subject), time);
            case RETIRE_ALL -> machine.retireAll(time);
            case OWED -> machine.owed((int) subject, time);
            case DRAIN -> machine.drain(detail, time);
            case SHUTDOWN -> machine.shutdown(time);
        }
    }

    private void acquire(long endpoint, long deadline) {
        Waiter waiter = new Waiter(endpoint(endpoint), "waiter " + events, deadline, (int) more);
        waiters.put(events, waiter);
        machine.acquire(waiter, time);
    }

    private void tryAcquire(long endpoint) {
        machine.tryAcquire(new Waiter(endpoint(endpoint), "waiter " + events, Long.MAX_VALUE, (int) more), time);
    }

    /** Number 0 is one that the machine did not know. */
    private Endpoint endpoint(long number) {
        return number == 0 ? Endpoint.of("unknown", "unknown", 1) : known(endpoints, number);
    }

    private Waiter waiter(long number) {
        return number == 0 ? new Waiter(endpoint(0), "nobody", Long.MAX_VALUE, 0) : known(waiters, number);
    }

    private Slot slot(long number) {
        return known(slots, number);
    }

    private <T> T known(Map<Long, T> all, long number) {
        T found = all.get(number);
        if (found == null) {
            throw new IllegalStateException("event " + events + " is about number " + number
                    + ", which was there when it was recorded and is not here");
        }
        return found;
    }

    private void note(Effect effect) {
        lines.add(EffectLine.of(effect));
        if (effect instanceof Effect.Ask ask) {
            slots.put(ask.slot().number(), ask.slot());
        } else if (effect instanceof Effect.Dial dial) {
            slots.put(dial.slot().number(), dial.slot());
        }
    }

    /** Compares effects: as when it was recorded, those between one event and the next. */
    private final class Comparison implements Journal {
        @Override
        public void effect(Effect effect) {
            digest.add(effect);
        }

        @Override
        public void event(Entry entry, long at, long subject, long detail) {
            if (digest.take() != recordedDigest) {
                throw new IllegalStateException("before event " + events + ", at " + time
                        + ", there were other effects when it was recorded; here the last were: " + lastLines);
            }
        }
    }

    /** A wire that says what the recorded one said. */
    private final class ReplayedWire implements Wire {
        ReplayedWire(Slot slot) {}

        @Override
        public long take(long known) {
            return said();
        }

        @Override
        public long claim() {
            return said();
        }

        @Override
        public boolean park(long since) {
            return said() != 0;
        }

        @Override
        public long since() {
            return said();
        }

        @Override
        public void kill() {}

        private long said() {
            try {
                if (!reader.takes(HistoryWriter.SAID)) {
                    throw new IllegalStateException(
                            "event " + events + " asks a wire something that it was not asked when it was recorded");
                }
                return reader.signed();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
