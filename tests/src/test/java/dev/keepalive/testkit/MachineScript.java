package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.Totals;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.history.HistoryWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine, driven by hand: each method is an event and returns the effects that it had, as lines. After every
 * event all invariants are checked, and that no waiter is answered twice.
 *
 * <p>Endpoints, waiters and slots go by names: a waiter's name is the test's choice, an endpoint is a word such as
 * {@code a}, a slot is its number, from 1 in the order of opening. The lines are {@code dial 1 a}, {@code stop 1
 * EVICTED}, {@code close 1 IDLE_TIMEOUT}, {@code gone 1 PEER_CLOSED}, {@code overdue 1}, {@code held 1}, {@code ask 1
 * a}, {@code unask 1}, {@code give back 1}, {@code finished}, and for a waiter {@code w gets 1 NEW} and {@code w fails
 * TIMED_OUT}. What the machine wants of the alarm is not among them: {@link #wakeAt} tells. Not safe for several
 * threads.
 */
public final class MachineScript {
    private static final long NEVER = Long.MAX_VALUE;

    private Limits limits;
    private long maxLifetime = NEVER;
    private long heldFor = NEVER;
    private long patience = Duration.ofMillis(50).toNanos();
    private boolean budgeted;
    private boolean recorded;
    private @Nullable HistoryWriter history;
    private @Nullable Machine machine;
    private final Map<String, Waiter> waiters = new HashMap<>();
    private final EffectLog effects = new EffectLog();
    private Duration time = Duration.ZERO;
    private boolean checked = true;

    private MachineScript(int maxOpen, int maxOpenPerEndpoint) {
        limits = new Limits(maxOpen, maxOpenPerEndpoint, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * A machine with these limits, no bound on waiters and none on dials: dials may take 30 s, idle connections stay
     * for 15 s, an endpoint is paused for up to 100 ms at first and 5 s at most, what is asked to close has 5 s, a want
     * of resources lasts for 1 s, patience is 50 ms.
     */
    public static MachineScript with(int maxOpen, int maxOpenPerEndpoint) {
        return new MachineScript(maxOpen, maxOpenPerEndpoint);
    }

    /** The same with a bound on the waiters of an endpoint. Before the first event, as all settings. */
    public MachineScript maxWaitingPerEndpoint(int maxWaiting) {
        limits = new Limits(limits.maxOpen(), limits.maxOpenPerEndpoint(), maxWaiting, limits.maxDialsPerEndpoint());
        return this;
    }

    /** The same with a bound on an endpoint's dials. */
    public MachineScript maxDialsPerEndpoint(int maxDialling) {
        limits = new Limits(limits.maxOpen(), limits.maxOpenPerEndpoint(), limits.maxWaitingPerEndpoint(), maxDialling);
        return this;
    }

    /** The same with connections that live for so long at most. */
    public MachineScript maxLifetime(Duration lifetime) {
        maxLifetime = lifetime.toNanos();
        return this;
    }

    /** The same, reporting leases that are held for so long. */
    public MachineScript reportHeldFor(Duration time) {
        heldFor = time.toNanos();
        return this;
    }

    /** The same with other patience at the total limit. */
    public MachineScript patience(Duration time) {
        patience = time.toNanos();
        return this;
    }

    /** The same, needing a permit of a budget for each connection. */
    public MachineScript budgeted() {
        budgeted = true;
        return this;
    }

    /** The same, writing its {@link #history} down. */
    public MachineScript recorded() {
        recorded = true;
        return this;
    }

    private Machine begun() {
        Machine begun = machine;
        if (begun == null) {
            begun = new Machine(limits, rules(), ScriptedAtomicSlot::new, effects::note, journal());
            machine = begun;
        }
        return begun;
    }

    private History journal() {
        history = recorded ? new HistoryWriter(limits, rules()) : null;
        return history == null ? History.NONE : history;
    }

    private MachineConfig rules() {
        return new MachineConfig(
                Duration.ofSeconds(30).toNanos(),
                Duration.ofSeconds(15).toNanos(),
                maxLifetime,
                heldFor,
                Duration.ofMillis(100).toNanos(),
                Duration.ofSeconds(5).toNanos(),
                Duration.ofSeconds(5).toNanos(),
                Duration.ofSeconds(1).toNanos(),
                patience,
                Duration.ofSeconds(1).toNanos(),
                budgeted,
                0);
    }

    /**
     * From now on the invariants are not checked after every event, only by {@link #check}: for scripts of very many
     * events.
     */
    public void checkSeldom() {
        checked = false;
    }

    // ---- time

    /** Time passes; nothing happens. */
    public void pass(Duration duration) {
        time = time.plus(duration);
    }

    /** Time passes until so long after the beginning; nothing happens. */
    public void passTo(Duration sinceBeginning) {
        time = sinceBeginning;
    }

    /** The alarm goes off. */
    public List<String> tick() {
        return event(machine -> machine.tick(now()));
    }

    /** When the machine last asked for the alarm to go off, since the beginning. */
    public Duration wakeAt() {
        return effects.wakeAt();
    }

    private long now() {
        return time.toNanos();
    }

    // ---- waiters

    /** Somebody asks for a connection and waits for ever. */
    public List<String> acquire(String waiter, String endpoint) {
        return acquire(waiter, endpoint, Long.MAX_VALUE);
    }

    /** Somebody asks for a connection and waits for so long. */
    public List<String> acquire(String waiter, String endpoint, Duration timeout) {
        return acquire(waiter, endpoint, time.plus(timeout).toNanos());
    }

    private List<String> acquire(String waiter, String endpoint, long deadline) {
        Waiter made = waiter(waiter, endpoint, deadline);
        return event(machine -> machine.acquire(made, now()));
    }

    /** Somebody asks for an idle connection. If there is none, the only line is {@code w gets nothing}. */
    public List<String> tryAcquire(String waiter, String endpoint) {
        return tryAcquireOn(0, waiter, endpoint);
    }

    /** Somebody asks for an idle connection on the event loop with this number. */
    public List<String> tryAcquireOn(int loop, String waiter, String endpoint) {
        Waiter made = waiter(waiter, endpoint, NEVER, loop);
        return event(machine -> {
            if (!machine.tryAcquire(made, now())) {
                effects.lines().add(waiter + " gets nothing");
            }
        });
    }

    /** A waiter is withdrawn. If it had been answered before, the first line is {@code too late}. */
    public List<String> cancel(String waiter) {
        return event(machine -> {
            if (!machine.cancel(known(waiter), now())) {
                effects.lines().add(0, "too late");
            }
        });
    }

    /** Somebody asks on the event loop with this number. */
    public List<String> acquireOn(int loop, String waiter, String endpoint) {
        Waiter made = waiter(waiter, endpoint, NEVER, loop);
        return event(machine -> machine.acquire(made, now()));
    }

    /** The event loop on which the slot's connection is wanted. */
    public int wantedOn(long slot) {
        return slot(slot).loop();
    }

    private Waiter waiter(String name, String endpoint, long deadline) {
        return waiter(name, endpoint, deadline, 0);
    }

    private Waiter waiter(String name, String endpoint, long deadline, int loop) {
        Waiter waiter = new Waiter(key(endpoint), name, deadline, loop);
        waiters.put(name, waiter);
        return waiter;
    }

    private static Endpoint key(String endpoint) {
        return Endpoint.of(endpoint, "host", 1);
    }

    private Waiter known(String name) {
        Waiter waiter = waiters.get(name);
        if (waiter == null) {
            throw new AssertionError("no waiter was ever called " + name);
        }
        return waiter;
    }

    // ---- slots

    /** The budget grants the slot's permit. */
    public List<String> granted(long slot) {
        return event(machine -> machine.permitAnswered(slot(slot), true, now()));
    }

    /** The budget takes note that the slot's permit is not wanted any more. */
    public List<String> unasked(long slot) {
        return event(machine -> machine.permitAnswered(slot(slot), false, now()));
    }

    /** The budget wants so many permits back. The last line is how many are on their way: {@code pays 1}. */
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

    /** The slot's dial fails because the system has no resources for it. */
    public List<String> ranOut(long slot) {
        return event(machine -> machine.dialDone(slot(slot), DialResult.OUT_OF_RESOURCES, 0, now()));
    }

    /** The slot's present lease releases its connection, which is clean. */
    public List<String> release(long slot) {
        return giveBack(slot, ReleaseKind.REUSE);
    }

    /** The slot's lease of this number, present or past, releases its connection. */
    public List<String> release(long slot, long lease) {
        return giveBack(slot, lease, ReleaseKind.REUSE);
    }

    /** The slot's present lease releases its connection, which is to be cleaned up first. */
    public List<String> releaseToReset(long slot) {
        return giveBack(slot, ReleaseKind.RESET);
    }

    /** The slot's present lease releases its connection, which is clean, and is one to this endpoint from now on. */
    public List<String> releaseAs(long slot, String endpoint) {
        return giveBack(slot, effects.lease(slot), ReleaseKind.REUSE, key(endpoint));
    }

    /** The slot's present lease releases its connection as one to this endpoint, to be cleaned up first. */
    public List<String> releaseAsToReset(long slot, String endpoint) {
        return giveBack(slot, effects.lease(slot), ReleaseKind.RESET, key(endpoint));
    }

    /** The slot's present lease releases its connection, which turns out not to be at a message boundary. */
    public List<String> releaseUnquiet(long slot) {
        return giveBack(slot, ReleaseKind.NOT_REUSABLE);
    }

    /** The slot's present lease is invalidated. */
    public List<String> invalidate(long slot) {
        return giveBack(slot, ReleaseKind.INVALIDATED);
    }

    /** The slot's present lease turns out to be garbage. */
    public List<String> forget(long slot) {
        return giveBack(slot, ReleaseKind.LEAKED);
    }

    private List<String> giveBack(long slot, ReleaseKind kind) {
        return giveBack(slot, effects.lease(slot), kind);
    }

    private List<String> giveBack(long slot, long lease, ReleaseKind kind) {
        return giveBack(slot, lease, kind, null);
    }

    private List<String> giveBack(long slot, long lease, ReleaseKind kind, @Nullable Endpoint as) {
        wire(slot).endsLease(lease);
        return event(machine -> machine.released(slot(slot), lease, kind, as, now()));
    }

    /** The slot's connection has been cleaned up. */
    public List<String> reset(long slot, boolean quiet) {
        return event(machine -> machine.resetDone(slot(slot), quiet, now()));
    }

    /** The slot's connection is gone. */
    public List<String> closed(long slot) {
        return closed(slot, CloseReason.PEER_CLOSED);
    }

    /** The slot's connection is gone; for this reason, if the machine did not ask for it. */
    public List<String> closed(long slot, CloseReason unasked) {
        return event(machine -> machine.closed(slot(slot), unasked, now()));
    }

    // ---- what is lent

    /** True if anybody may help himself to the slot's connection. */
    public boolean isLendable(long slot) {
        return wire(slot).isIdle();
    }

    /**
     * Somebody helps himself to the slot's connection, and the machine does not hear of it. His lease is the slot's
     * present one.
     *
     * @throws AssertionError if nobody may
     */
    public void borrow(long slot) {
        effects.isLeased(slot, wire(slot).borrow(now()));
    }

    /**
     * Who has helped himself brings the slot's connection back, and the machine does not hear of it.
     *
     * @return false if the machine knows that it is lent, or it is dead: then {@link #release} is the way
     */
    public boolean bringBack(long slot) {
        return wire(slot).bringBack(now());
    }

    /**
     * Who has helped himself brings the slot's connection back, its clean-up takes its time, and the machine does not
     * hear of it.
     */
    public void bringBackToReset(long slot) {
        wire(slot).bringBackToReset(now());
    }

    private ScriptedAtomicSlot wire(long slot) {
        return (ScriptedAtomicSlot) slot(slot).atomicSlot();
    }

    /** The slot will refuse to be leased: it lost a race against its peer. */
    public void refuseClaim(long slot) {
        wire(slot).refusesClaim = true;
    }

    /** The slot will refuse to be idle: it lost a race against its peer. */
    public void refusePark(long slot) {
        wire(slot).refusesPark = true;
    }

    private Slot slot(long number) {
        return effects.slot(number);
    }

    // ---- the whole

    /** Other limits hold from now on. */
    public List<String> limits(int maxOpen, int maxOpenPerEndpoint) {
        limits = new Limits(maxOpen, maxOpenPerEndpoint, limits.maxWaitingPerEndpoint(), limits.maxDialsPerEndpoint());
        return event(machine -> machine.configure(limits, now()));
    }

    /** The connections to this endpoint end as soon as they are free. */
    public List<String> retire(String endpoint) {
        return event(machine -> machine.retire(key(endpoint), now()));
    }

    /** The slot's connection ends as soon as it is free. */
    public List<String> retire(long slot) {
        return event(machine -> machine.retire(slot(slot), now()));
    }

    /** The connections to all endpoints end as soon as they are free. */
    public List<String> retireAll() {
        return event(machine -> machine.retireAll(now()));
    }

    /** Everything ends by and by, within so long. */
    public List<String> drain(Duration within) {
        return event(machine -> machine.drain(time.plus(within).toNanos(), now()));
    }

    /** Everything ends. */
    public List<String> shutdown() {
        return event(machine -> machine.shutdown(now()));
    }

    /** The endpoint's counts. */
    public Counts counts(String endpoint) {
        return begun().countsByEndpoint().getOrDefault(key(endpoint), SlotCounts.NONE);
    }

    /** True if the machine has finished without cutting anybody short. */
    public boolean isClean() {
        return effects.isClean();
    }

    /** All counts. */
    public Counts counts() {
        return begun().counts();
    }

    /** The number of endpoints that the machine knows of. */
    public int endpoints() {
        return begun().countsByEndpoint().size();
    }

    /** What was done since the start. */
    public Totals totals() {
        return begun().totals();
    }

    /** All that has happened since the last time, as a {@link Replay} reads it, if it is recorded. */
    public byte[] history() {
        return history == null ? new byte[0] : history.take();
    }

    /** Checks all invariants. */
    public void check() {
        begun().check();
    }

    private List<String> event(Consumer<Machine> event) {
        List<String> lines = effects.begin();
        event.accept(begun());
        if (checked) {
            begun().check();
        }
        return lines;
    }
}
