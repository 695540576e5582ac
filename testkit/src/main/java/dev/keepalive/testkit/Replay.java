package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.history.EffectDigest;
import dev.keepalive.machine.history.EventCodec;
import dev.keepalive.machine.history.EventKind;
import dev.keepalive.machine.history.HistoryReader;
import dev.keepalive.machine.history.RecordedEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells a state machine again what a manager's machine was told, from a recording
 * ({@link dev.keepalive.ManagerBuilder#recordHistory}), and checks that the same comes of it: the digests of the
 * effects in the recording must be those of the effects here. After every event all invariants can be checked. So a
 * hang in production becomes a test. Not safe for several threads.
 */
public final class Replay {
    private final HistoryReader reader;
    private final EffectDigest digest = new EffectDigest();
    private long recordedDigest;
    private final Machine machine;
    private final Again again = new Again();
    private final Map<Long, Endpoint> endpoints = new HashMap<>();
    private final Map<Long, Slot> slots = new HashMap<>();
    private final Map<Long, Waiter> waiters = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private List<String> lastLines = List.of();
    private Consumer<String> transcript = line -> {};
    private boolean checking = true;
    private long events;
    private long time;

    private Replay(InputStream recording) throws IOException {
        reader = new HistoryReader(recording);
        machine = new Machine(reader.limits(), reader.config(), ReplayedWire::new, this::note, new Comparison());
    }

    /**
     * The replay of a recording; {@link #run} runs it.
     *
     * @throws IOException if it is not a history, or cannot be read
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
     * @throws IOException if the recording cannot be read; an {@link java.io.EOFException} if it ends in the midst of
     *     an entry
     * @throws IllegalStateException if something else comes of it than came of it when it was recorded, or an invariant
     *     does not hold
     */
    public long run() throws IOException {
        try {
            RecordedEvent next = reader.next(again);
            while (next != null) {
                replay(next);
                next = reader.next(again);
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

    private void replay(RecordedEvent event) throws IOException {
        recordedDigest = event.digest();
        time = event.time();
        events++;
        lastLines = List.copyOf(lines);
        lines.clear();
        EventCodec.decode(event, again);
        transcript.accept(events + " at " + time + ": " + event.kind() + " " + event.subject() + " " + event.detail());
        lines.forEach(line -> transcript.accept("    " + line));
        if (checking) {
            machine.check();
        }
    }

    /** Number 0 is one that the machine did not know. */
    private Endpoint known(long number) {
        return number == 0 ? Endpoint.of("unknown", "unknown", 1) : known(endpoints, number);
    }

    private Waiter waiter(long number) {
        return number == 0 ? new Waiter(known(0), "nobody", Long.MAX_VALUE, 0) : known(waiters, number);
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
        lines.add(EffectText.of(effect));
        if (effect instanceof Effect.RequestPermit ask) {
            slots.put(ask.slot().number(), ask.slot());
        } else if (effect instanceof Effect.Dial dial) {
            slots.put(dial.slot().number(), dial.slot());
        }
    }

    /** Tells the machine again what the recorded one was told. */
    private final class Again implements History {
        @Override
        public void endpoint(long number, Endpoint endpoint) {
            endpoints.put(number, endpoint);
        }

        @Override
        public void acquire(long at, long endpoint, long deadline, int loop) {
            Waiter waiter = new Waiter(known(endpoint), "waiter " + events, deadline, loop);
            waiters.put(events, waiter);
            machine.acquire(waiter, at);
        }

        @Override
        public void tryAcquire(long at, long endpoint, int loop) {
            machine.tryAcquire(new Waiter(known(endpoint), "waiter " + events, Long.MAX_VALUE, loop), at);
        }

        @Override
        public void cancel(long at, long waiter) {
            machine.cancel(waiter(waiter), at);
        }

        @Override
        public void permitAnswered(long at, long slot, boolean granted) {
            machine.permitAnswered(slot(slot), granted, at);
        }

        @Override
        public void dialDone(long at, long slot, DialResult result, int loop) {
            machine.dialDone(slot(slot), result, loop, at);
        }

        @Override
        public void resetDone(long at, long slot, boolean quiet) {
            machine.resetDone(slot(slot), quiet, at);
        }

        @Override
        public void released(long at, long slot, long lease, ReleaseKind kind, long as) {
            machine.released(slot(slot), lease, kind, as == 0 ? null : known(as), at);
        }

        @Override
        public void closed(long at, long slot, CloseReason unasked) {
            machine.closed(slot(slot), unasked, at);
        }

        @Override
        public void tick(long at) {
            machine.tick(at);
        }

        @Override
        public void configure(long at, Limits limits) {
            machine.configure(limits, at);
        }

        @Override
        public void retire(long at, long endpoint) {
            machine.retire(known(endpoint), at);
        }

        @Override
        public void retireOne(long at, long slot) {
            machine.retire(slot(slot), at);
        }

        @Override
        public void retireAll(long at) {
            machine.retireAll(at);
        }

        @Override
        public void owed(long at, int level) {
            machine.owed(level, at);
        }

        @Override
        public void drain(long at, long deadline) {
            machine.drain(deadline, at);
        }

        @Override
        public void shutdown(long at) {
            machine.shutdown(at);
        }
    }

    /** Compares effects: as when it was recorded, those between one event and the next. */
    private final class Comparison extends EventCodec {
        @Override
        public void effect(Effect effect) {
            digest.add(effect);
        }

        @Override
        protected void event(EventKind kind, long at, long subject, long detail, long more) {
            if (digest.take() != recordedDigest) {
                throw new IllegalStateException("before event " + events + ", at " + time
                        + ", there were other effects when it was recorded; here the last were: " + lastLines);
            }
        }
    }

    /** An AtomicSlot that says what the recorded one said. */
    private final class ReplayedWire implements AtomicSlot {
        ReplayedWire(Slot slot) {}

        @Override
        public long revoke(long known) {
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
        public long lastUsed() {
            return said();
        }

        @Override
        public void markDead() {}

        private long said() {
            try {
                Long said = reader.nextSlotAnswer();
                if (said == null) {
                    throw new IllegalStateException(
                            "event " + events + " asks a wire something that it was not asked when it was recorded");
                }
                return said;
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
