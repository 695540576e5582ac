package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.Totals;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.history.HistoryWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A state machine that a test drives by hand. Each method is an event. It returns the event's effects as lines of text.
 * After each event the script checks all invariants, and that no waiter was answered twice. Not thread-safe.
 *
 * <p>A test gives each waiter a name. An endpoint is a word such as {@code a}. A slot is its number: slots are numbered
 * from 1 in the order in which they were opened. A lease of a shared connection is told apart by the name of the waiter
 * that got it. The lines are:
 *
 * <ul>
 *   <li>{@code request permit 1 a}, {@code cancel permit request 1}, {@code return permit 1};
 *   <li>{@code dial 1 a}, {@code stop 1 EVICTED}, {@code close 1 IDLE_TIMEOUT}, {@code gone 1 PEER_CLOSED};
 *   <li>{@code held too long 1}, of a shared connection {@code held too long 1 lease 2};
 *   <li>{@code close overdue 1}, {@code finished};
 *   <li>for a waiter {@code w gets 1 NEW} and {@code w fails TIMED_OUT}.
 * </ul>
 *
 * <p>There is no line for a wake-up that the machine requests: {@link #wakeAt} returns its time.
 */
public final class MachineScript extends ScriptSettings {
    private @Nullable HistoryWriter history;
    private @Nullable Machine machine;
    private final Map<String, Waiter> waiters = new HashMap<>();
    private final EffectLog effects = new EffectLog();
    private Duration time = Duration.ZERO;
    private boolean checked = true;
    private boolean held;

    private MachineScript(int maxOpen, int maxOpenPerEndpoint) {
        super(maxOpen, maxOpenPerEndpoint);
    }

    /**
     * Returns a script with these limits, and no bound on waiters or dials. A dial may take 30 s. The idle timeout is
     * 15 s. The first pause of an endpoint is at most 100 ms, each later one at most 5 s. A close or a reset may take 5
     * s. The resource ceiling rises after 1 s. Patience is 50 ms. The first window of a yield is 1 s, the longest 64 s.
     * Unproven endpoints may take everything, and no endpoint is remembered. An endpoint is declared to take one lease
     * on a connection.
     */
    public static MachineScript with(int maxOpen, int maxOpenPerEndpoint) {
        return new MachineScript(maxOpen, maxOpenPerEndpoint);
    }

    @Override
    MachineScript script() {
        return this;
    }

    /** Returns the machine; the first call makes it, with the settings so far. */
    private Machine machine() {
        Machine made = machine;
        if (made == null) {
            made = new Machine(limits(), config(), ScriptedAtomicSlot::new, effects::add, newHistory());
            machine = made;
        }
        return made;
    }

    private History newHistory() {
        history = isRecorded() ? new HistoryWriter(limits(), config()) : null;
        return history == null ? History.NONE : history;
    }

    /** Checks the invariants only in {@link #check} from now on, and not after each event: for very many events. */
    public void checkOnDemand() {
        checked = false;
    }

    // ---- time

    /** Advances the time by this duration. That is no event: the machine is not told. */
    public void advance(Duration duration) {
        time = time.plus(duration);
    }

    /** Advances the time to this duration after the start of the script. That is no event. */
    public void advanceTo(Duration sinceStart) {
        time = sinceStart;
    }

    /** The wake-up that the machine requested comes. */
    public List<String> tick() {
        return event(machine -> machine.tick(now()));
    }

    /**
     * The time advances to this duration after the start of the script. Each wake-up that the machine requests until
     * then comes, and an overdue one comes first. Returns the lines of all of them.
     */
    public List<String> runTo(Duration sinceStart) {
        List<String> lines = new ArrayList<>(tick());
        while (wakeAt().compareTo(time) > 0 && wakeAt().compareTo(sinceStart) <= 0) {
            advanceTo(wakeAt());
            lines.addAll(tick());
        }
        advanceTo(sinceStart);
        return lines;
    }

    /** The same, for this time from now on. */
    public List<String> run(Duration duration) {
        return runTo(time.plus(duration));
    }

    /** The time of the wake-up that the machine requested last, since the start of the script. */
    public Duration wakeAt() {
        return effects.wakeAt();
    }

    private long now() {
        return time.toNanos();
    }

    // ---- waiters

    /** An acquire without a timeout. */
    public List<String> acquire(String waiter, String endpoint) {
        return acquire(waiter, endpoint, Long.MAX_VALUE);
    }

    /** An acquire with a timeout. */
    public List<String> acquire(String waiter, String endpoint, Duration timeout) {
        return acquire(waiter, endpoint, time.plus(timeout).toNanos());
    }

    /** An acquire of a fresh connection, without a timeout. */
    public List<String> acquireFresh(String waiter, String endpoint) {
        return acquireFresh(waiter, endpoint, Long.MAX_VALUE);
    }

    /** An acquire of a fresh connection, with a timeout. */
    public List<String> acquireFresh(String waiter, String endpoint, Duration timeout) {
        return acquireFresh(waiter, endpoint, time.plus(timeout).toNanos());
    }

    /** An acquire that goes on waiting when dials fail, with a timeout. */
    public List<String> acquirePatiently(String waiter, String endpoint, Duration timeout) {
        return acquire(waiter, endpoint, time.plus(timeout).toNanos(), 0, false, true);
    }

    private List<String> acquireFresh(String waiter, String endpoint, long deadline) {
        return acquire(waiter, endpoint, deadline, 0, true, false);
    }

    private List<String> acquire(String waiter, String endpoint, long deadline) {
        return acquire(waiter, endpoint, deadline, 0, false, false);
    }

    private List<String> acquire(
            String waiter, String endpoint, long deadline, int loop, boolean fresh, boolean patient) {
        Waiter made = new Waiter(endpoint(endpoint), waiter, deadline, loop, fresh, patient, expected());
        waiters.put(waiter, made);
        return event(machine -> machine.acquire(made, now()));
    }

    /** An acquire of an idle connection. If none is idle, the last line is {@code w gets nothing}. */
    public List<String> tryAcquire(String waiter, String endpoint) {
        return tryAcquireOn(0, waiter, endpoint);
    }

    /** An acquire of an idle connection, made on the event loop with this number. */
    public List<String> tryAcquireOn(int loop, String waiter, String endpoint) {
        Waiter made = new Waiter(endpoint(endpoint), waiter, Long.MAX_VALUE, loop);
        waiters.put(waiter, made);
        return event(machine -> {
            if (!machine.tryAcquire(made, now())) {
                effects.lines().add(waiter + " gets nothing");
            }
        });
    }

    /** The waiter is cancelled. If it was answered before, the first line is {@code too late}. */
    public List<String> cancel(String waiter) {
        return event(machine -> {
            if (!machine.cancel(waiterNamed(waiter), now())) {
                effects.lines().add(0, "too late");
            }
        });
    }

    /** An acquire without a timeout, made on the event loop with this number. */
    public List<String> acquireOn(int loop, String waiter, String endpoint) {
        return acquire(waiter, endpoint, Long.MAX_VALUE, loop, false, false);
    }

    /** The number of the event loop for which the slot's connection is dialed; 0 is none. */
    public int wantedOn(long slot) {
        return slot(slot).loop();
    }

    private static Endpoint endpoint(String endpoint) {
        return Endpoint.of(endpoint, "host", 1);
    }

    private Waiter waiterNamed(String name) {
        Waiter waiter = waiters.get(name);
        if (waiter == null) {
            throw new AssertionError("no waiter has the name " + name);
        }
        return waiter;
    }

    // ---- slots

    /** The budget grants the slot's permit. */
    public List<String> permitGranted(long slot) {
        return event(machine -> machine.permitAnswered(slot(slot), true, now()));
    }

    /** The budget confirms that the slot's permit request is cancelled. */
    public List<String> permitRequestCancelled(long slot) {
        return event(machine -> machine.permitAnswered(slot(slot), false, now()));
    }

    /** The budget wants this many permits back. The last line tells how many are on their way: {@code pays 1}. */
    public List<String> owed(int permits) {
        return event(machine -> effects.lines().add("pays " + machine.owed(permits, now())));
    }

    /** The slot's dial succeeds. */
    public List<String> opened(long slot) {
        return event(machine -> machine.dialDone(slot(slot), DialResult.OPENED, 0, now()));
    }

    /** The slot's dial fails. */
    public List<String> refused(long slot) {
        return event(machine -> machine.dialDone(slot(slot), DialResult.FAILED, 0, now()));
    }

    /** The slot's dial succeeds; the connection is on the event loop with this number. */
    public List<String> openedOn(long slot, int loop) {
        return event(machine -> machine.dialDone(slot(slot), DialResult.OPENED, loop, now()));
    }

    /** The slot's dial succeeds, and its connection takes this number of leases at a time. */
    public List<String> openedShared(long slot, int capacity) {
        return openedSharedOn(slot, 0, capacity);
    }

    /** The same; the connection is on the event loop with this number. */
    public List<String> openedSharedOn(long slot, int loop, int capacity) {
        return event(machine -> machine.openedShared(slot(slot), loop, capacity, now()));
    }

    /** The slot's connection takes this number of leases at a time from now on. */
    public List<String> capacity(long slot, int leases) {
        return event(machine -> machine.capacity(slot(slot), leases, now()));
    }

    /** The slot's dial fails because the host has no resources for it. */
    public List<String> outOfResources(long slot) {
        return event(machine -> machine.dialDone(slot(slot), DialResult.OUT_OF_RESOURCES, 0, now()));
    }

    /** The slot's present lease is released. The connection is reusable and needs no reset. */
    public List<String> release(long slot) {
        return endLease(slot, ReleaseKind.REUSE);
    }

    /** The slot's lease with this number, present or past, is released. The connection needs no reset. */
    public List<String> release(long slot, long lease) {
        return endLease(slot, lease, ReleaseKind.REUSE);
    }

    /** The slot's present lease is released. The connection needs a reset. */
    public List<String> releaseToReset(long slot) {
        return endLease(slot, ReleaseKind.RESET);
    }

    /** The slot's present lease is released and rekeyed to this endpoint. The connection needs no reset. */
    public List<String> releaseAs(long slot, String endpoint) {
        return endLease(slot, effects.lease(slot), ReleaseKind.REUSE, endpoint(endpoint));
    }

    /** The slot's present lease is released and rekeyed to this endpoint. The connection needs a reset. */
    public List<String> releaseAsToReset(long slot, String endpoint) {
        return endLease(slot, effects.lease(slot), ReleaseKind.RESET, endpoint(endpoint));
    }

    /** The slot's present lease is released. The connection is not at a message boundary, so it is not reusable. */
    public List<String> releaseNotReusable(long slot) {
        return endLease(slot, ReleaseKind.NOT_REUSABLE);
    }

    /** The slot's present lease is invalidated. */
    public List<String> invalidate(long slot) {
        return endLease(slot, ReleaseKind.INVALIDATED);
    }

    /** The slot's present lease has become garbage without an end. */
    public List<String> leak(long slot) {
        return endLease(slot, ReleaseKind.LEAKED);
    }

    /** The lease that this waiter got is released. Its connection needs no reset. */
    public List<String> release(String waiter) {
        return end(waiter, ReleaseKind.REUSE);
    }

    /** The lease that this waiter got ends in this way. */
    public List<String> end(String waiter, ReleaseKind kind) {
        Effect.Deliver served = effects.served(waiter);
        return endLease(served.slot().number(), served.lease(), kind);
    }

    /** Returns true if the lease that was ended last was held until then. */
    public boolean wasHeld() {
        return held;
    }

    /** The number of the lease that this waiter got, among the leases of its connection. */
    public long lease(String waiter) {
        return effects.served(waiter).lease();
    }

    private List<String> endLease(long slot, ReleaseKind kind) {
        return endLease(slot, effects.lease(slot), kind);
    }

    private List<String> endLease(long slot, long lease, ReleaseKind kind) {
        return endLease(slot, lease, kind, null);
    }

    private List<String> endLease(long slot, long lease, ReleaseKind kind, @Nullable Endpoint as) {
        atomicSlot(slot).leaseEnds(lease);
        return event(machine -> held = machine.released(slot(slot), lease, kind, as, now()));
    }

    /** What the lease of this waiter had left behind on its shared connection is cleaned up, or cannot be. */
    public List<String> reset(String waiter, boolean reusable) {
        Effect.Deliver served = effects.served(waiter);
        return event(machine -> machine.resetDone(served.slot(), served.lease(), reusable, now()));
    }

    /** The reset of the slot's connection is done: the connection is reusable or not. */
    public List<String> reset(long slot, boolean reusable) {
        return event(machine -> machine.resetDone(slot(slot), reusable, now()));
    }

    /** The slot's connection is closed, by the peer if the machine did not close it. */
    public List<String> closed(long slot) {
        return closed(slot, CloseReason.PEER_CLOSED);
    }

    /** The slot's connection is closed, for this reason if the machine did not close it. */
    public List<String> closed(long slot, CloseReason reason) {
        return event(machine -> machine.closed(slot(slot), reason, now()));
    }

    // ---- leases without the machine

    /** Returns true if the slot's connection is idle and can be borrowed. */
    public boolean isBorrowable(long slot) {
        return atomicSlot(slot).isIdle();
    }

    /**
     * A caller borrows the slot's connection, and the machine is not told. The borrower's lease is the slot's present
     * one.
     *
     * @throws AssertionError if the connection cannot be borrowed
     */
    public void borrow(long slot) {
        effects.setLease(slot, atomicSlot(slot).borrow(now()));
    }

    /**
     * The borrower gives the slot's connection back without a reset, and the machine is not told.
     *
     * @return false if the machine has revoked the connection, or it is dead; then the test must call {@link #release}
     */
    public boolean giveBack(long slot) {
        return atomicSlot(slot).giveBack(now());
    }

    /** The borrower gives the slot's connection back, its reset begins, and the machine is not told. */
    public void giveBackToReset(long slot) {
        atomicSlot(slot).giveBackToReset(now());
    }

    private ScriptedAtomicSlot atomicSlot(long slot) {
        return (ScriptedAtomicSlot) slot(slot).atomicSlot();
    }

    /** From now on the slot refuses to be claimed, as if its peer had closed the connection at that moment. */
    public void refuseClaim(long slot) {
        refuseClaim(slot, 0);
    }

    /** The same, but after it was claimed this number of times more. */
    public void refuseClaim(long slot, int after) {
        atomicSlot(slot).claimsLeft = after;
    }

    /** The peer closes the slot's connection, and the machine is not told of it yet. */
    public void peerCloses(long slot) {
        atomicSlot(slot).peerClosed = true;
    }

    /** From now on the slot refuses to become idle, as if its peer had sent input at that moment. */
    public void refusePark(long slot) {
        atomicSlot(slot).refusesPark = true;
    }

    private Slot slot(long number) {
        return effects.slot(number);
    }

    // ---- the whole machine

    /** Changes the limits. */
    public List<String> limits(int maxOpen, int maxOpenPerEndpoint) {
        Limits limits = changeLimits(maxOpen, maxOpenPerEndpoint);
        return event(machine -> machine.configure(limits, now()));
    }

    /** Retires the connections to this endpoint. */
    public List<String> retire(String endpoint) {
        return event(machine -> machine.retire(endpoint(endpoint), now()));
    }

    /** Retires the slot's connection. */
    public List<String> retire(long slot) {
        return event(machine -> machine.retire(slot(slot), now()));
    }

    /** Retires the connections to all endpoints. */
    public List<String> retireAll() {
        return event(machine -> machine.retireAll(now()));
    }

    /** Drains the machine, within this time. */
    public List<String> drain(Duration within) {
        return event(machine -> machine.drain(time.plus(within).toNanos(), now()));
    }

    /** Shuts the machine down. */
    public List<String> shutdown() {
        return event(machine -> machine.shutdown(now()));
    }

    /** The counts of the endpoint; zeros if the machine does not know it. */
    public Counts counts(String endpoint) {
        return machine().countsByEndpoint().getOrDefault(endpoint(endpoint), SlotCounts.NONE);
    }

    /** Returns true if the machine has finished, and cut no waiter and no lease short. */
    public boolean isClean() {
        return effects.isClean();
    }

    /** The counts of all endpoints together. */
    public Counts counts() {
        return machine().counts();
    }

    /** The number of endpoints that the machine knows of. */
    public int endpoints() {
        return machine().countsByEndpoint().size();
    }

    /** The totals since the start. */
    public Totals totals() {
        return machine().totals();
    }

    /** The history since the last call, as a {@link Replay} reads it; empty without {@link #recorded}. */
    public byte[] history() {
        return history == null ? new byte[0] : history.take();
    }

    /** Checks all invariants. */
    public void check() {
        machine().check();
    }

    private List<String> event(Consumer<Machine> event) {
        List<String> lines = effects.begin();
        event.accept(machine());
        if (checked) {
            machine().check();
        }
        return lines;
    }
}
