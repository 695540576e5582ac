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
 * Replays the recorded history of a manager ({@link dev.keepalive.ManagerBuilder#recordHistory}): a new state machine
 * gets the same events, and must decide the same. The digests of the effects in the recording are compared with those
 * of the effects here. After every event all invariants are checked, unless {@link #withoutChecks} is called. So a hang
 * in production can be reproduced in a test. Not safe for use by several threads; blocks on the stream.
 */
public final class Replay {
    private final HistoryReader reader;
    private final EffectDigest digest = new EffectDigest();
    private long recordedDigest;
    private final Machine machine;
    private final ReplayedEvents eventTarget = new ReplayedEvents();
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
        machine = new Machine(
                reader.limits(), reader.config(), ReplayedSlot::new, this::noteEffect, new EffectComparison());
    }

    /**
     * A replay of this recording; {@link #run} runs it. The caller closes the stream.
     *
     * @throws IOException if it is not a history, or cannot be read
     */
    public static Replay of(InputStream recording) throws IOException {
        return new Replay(recording);
    }

    /** Sets where each event, and each of its effects, is written as a line of text. Default: nowhere. */
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
     * Replays all events. To be called once.
     *
     * @return the number of events
     * @throws IOException if the recording cannot be read; an {@link java.io.EOFException} if it ends in the middle of
     *     an entry
     * @throws IllegalStateException if the effects differ from those that were recorded, or an invariant does not hold
     */
    public long run() throws IOException {
        try {
            RecordedEvent next = reader.next(eventTarget);
            while (next != null) {
                replay(next);
                next = reader.next(eventTarget);
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return events;
    }

    /** The number of events that have been replayed. */
    public long events() {
        return events;
    }

    /** The counts of all endpoints together after the last event. */
    public Counts counts() {
        return machine.counts();
    }

    /** The counts by endpoint after the last event. */
    public Map<Endpoint, Counts> countsByEndpoint() {
        return machine.countsByEndpoint();
    }

    private void replay(RecordedEvent event) throws IOException {
        recordedDigest = event.digest();
        time = event.time();
        events++;
        lastLines = List.copyOf(lines);
        lines.clear();
        EventCodec.decode(event, eventTarget);
        transcript.accept(events + " at " + time + ": " + event.kind() + " " + event.subject() + " " + event.detail());
        lines.forEach(line -> transcript.accept("    " + line));
        if (checking) {
            machine.check();
        }
    }

    /** The endpoint with this number; number 0 is an endpoint that the machine did not know. */
    private Endpoint known(long number) {
        return number == 0 ? Endpoint.of("unknown", "unknown", 1) : known(endpoints, number);
    }

    private Waiter waiter(long number) {
        return number == 0 ? new Waiter(known(0), "unknown", Long.MAX_VALUE, 0) : known(waiters, number);
    }

    private Slot slot(long number) {
        return known(slots, number);
    }

    private <T> T known(Map<Long, T> all, long number) {
        T found = all.get(number);
        if (found == null) {
            throw new IllegalStateException("event " + events + " is about number " + number
                    + ", which existed in the recording and does not exist in the replay");
        }
        return found;
    }

    private void noteEffect(Effect effect) {
        lines.add(EffectText.of(effect));
        if (effect instanceof Effect.RequestPermit request) {
            slots.put(request.slot().number(), request.slot());
        } else if (effect instanceof Effect.Dial dial) {
            slots.put(dial.slot().number(), dial.slot());
        }
    }

    /** Gives the machine the events that were recorded. */
    private final class ReplayedEvents implements History {
        @Override
        public void endpoint(long number, Endpoint endpoint) {
            endpoints.put(number, endpoint);
        }

        @Override
        public void acquire(
                long at, long endpoint, long deadline, int loop, boolean fresh, boolean patient, int expected) {
            Waiter waiter = new Waiter(known(endpoint), "waiter " + events, deadline, loop, fresh, patient, expected);
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
        public void openedShared(long at, long slot, int loop, int capacity) {
            machine.openedShared(slot(slot), loop, capacity, at);
        }

        @Override
        public void capacity(long at, long slot, int capacity) {
            machine.capacity(slot(slot), capacity, at);
        }

        @Override
        public void leaseReset(long at, long slot, long lease, boolean reusable) {
            machine.resetDone(slot(slot), lease, reusable, at);
        }

        @Override
        public void resetDone(long at, long slot, boolean reusable) {
            machine.resetDone(slot(slot), reusable, at);
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

    /** Compares the digests of effects between one event and the next, as in the recording. */
    private final class EffectComparison extends EventCodec {
        @Override
        public void effect(Effect effect) {
            digest.add(effect);
        }

        @Override
        protected void event(EventKind kind, long at, long subject, long detail, long more) {
            if (digest.take() != recordedDigest) {
                throw new IllegalStateException("before event " + events + ", at " + time
                        + ", the recording has other effects; the last in the replay were: " + lastLines);
            }
        }
    }

    /** A slot that gives the answers that were recorded. */
    private final class ReplayedSlot implements AtomicSlot {
        ReplayedSlot(Slot slot) {}

        @Override
        public long revoke(long known) {
            return recordedAnswer();
        }

        @Override
        public long claim() {
            return recordedAnswer();
        }

        @Override
        public boolean park(long lastUsed) {
            return recordedAnswer() != 0;
        }

        @Override
        public boolean isDead() {
            return recordedAnswer() != 0;
        }

        @Override
        public long lastUsed() {
            return recordedAnswer();
        }

        @Override
        public void markDead() {}

        private long recordedAnswer() {
            try {
                Long answer = reader.nextSlotAnswer();
                if (answer == null) {
                    throw new IllegalStateException(
                            "event " + events + " asks a slot something that was not asked in the recording");
                }
                return answer;
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
