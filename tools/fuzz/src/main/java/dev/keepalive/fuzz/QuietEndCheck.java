package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.List;

/**
 * What must hold at the end of every run. All parties answer and release. Then every acquire has been answered once,
 * everything open is idle, exactly as many connections can be leased as the limits allow, and after the idle timeout
 * nothing is left.
 */
final class QuietEndCheck {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_ROUNDS = 10_000;

    /** How many leases a shared connection takes in the end. */
    private static final int LEASES = 2;

    private final SimulatedEnvironment environment;
    private final LockstepComparison lockstep;

    QuietEndCheck(SimulatedEnvironment environment) {
        this.environment = environment;
        this.lockstep = environment.lockstep;
    }

    void check(boolean gently) {
        if (environment.setup.config().budgeted()) {
            lockstep.owed(0);
        }
        lockstep.configure(environment.setup.patientLimits());
        environment.sharing.setCapacities(environment.opened, LEASES);
        settle(true);
        if (!lockstep.isEnding()) {
            endPauses();
            endScarcity();
            checkAllIdle();
            checkPermits();
            checkExpiry();
            lockstep.drain(gently ? NEVER : lockstep.time);
            lockstep.tick();
            lockstep.shutdown();
            settle(true);
        }
        checkEnded();
    }

    private static void require(boolean holds, String what) {
        FuzzViolation.require(holds, Check.QUIET_END, what);
    }

    // ---- coming to rest

    /**
     * Performs all effects and gives all outstanding answers, and fires the alarm while a caller waits, until nothing
     * happens any more.
     */
    private void settle(boolean releasing) {
        int rounds = 0;
        while (answerAll(releasing) || fireAlarmIfWaiting(releasing)) {
            require(++rounds < MOST_ROUNDS, "the run does not come to rest");
        }
    }

    private boolean answerAll(boolean releasing) {
        environment.pendingEffects.addAll(lockstep.takeDecided());
        long before = lockstep.events;
        List<Effect> all = new ArrayList<>(environment.pendingEffects);
        environment.pendingEffects.clear();
        all.forEach(environment::perform);
        takeAll(environment.permitRequests).forEach(simulated -> environment.answerPermitRequest(simulated, true));
        takeAll(environment.dials)
                .forEach(simulated -> environment.answerDial(simulated, DialResult.OPENED, 0, LEASES));
        if (releasing) {
            takeAll(environment.heldLeases).forEach(lease -> environment.release(lease, ReleaseKind.REUSE));
            takeAll(environment.sharing.everlasting).forEach(lease -> environment.release(lease, ReleaseKind.REUSE));
        }
        takeAll(environment.sharing.resetting).forEach(lease -> environment.sharing.answerReset(lease, true));
        takeAll(environment.borrowers.beingCleaned).forEach(lease -> environment.borrowers.answerCleanUp(lease, 0));
        takeAll(environment.borrowers.pendingReleases).forEach(environment.borrowers::report);
        takeAll(environment.resetting).forEach(simulated -> environment.answerReset(simulated, true));
        takeAll(environment.closing).forEach(simulated -> environment.closed(simulated, CloseReason.PEER_CLOSED));
        return lockstep.events > before || !all.isEmpty();
    }

    /**
     * If a caller waits although no answer is outstanding, lets time pass: a pause has to end, or a close is overdue.
     */
    private boolean fireAlarmIfWaiting(boolean releasing) {
        if (lockstep.waiting() == 0 || !releasing) {
            return false;
        }
        require(environment.alarm < NEVER, "a caller waits, and no alarm is set");
        environment.fireAlarm();
        return true;
    }

    private static <T> List<T> takeAll(List<T> from) {
        List<T> taken = new ArrayList<>(from);
        from.clear();
        return taken;
    }

    private void endPauses() {
        for (int alarms = 0; lockstep.isAnythingPaused(); alarms++) {
            require(alarms < MOST_ROUNDS && environment.alarm < NEVER, "a pause never ends");
            environment.fireAlarm();
            settle(true);
        }
    }

    private void endScarcity() {
        for (int alarms = 0; lockstep.isScarce(); alarms++) {
            require(alarms < MOST_ROUNDS && environment.alarm < NEVER, "the ceiling is never lifted");
            environment.fireAlarm();
            settle(true);
        }
    }

    // ---- checks

    private void checkAllIdle() {
        Counts counts = lockstep.machine.counts();
        require(counts.open() == counts.idle() && counts.waiting() == 0, "the run comes to rest with " + counts);
        int places = environment.sharing.places(environment.opened, null);
        require(counts.leases() == 0 && counts.room() == places, places + " places are free, not " + counts);
        boolean honest = environment.permits == (environment.setup.config().budgeted() ? counts.open() : 0);
        require(honest, environment.permits + " permits of the budget are in use for " + counts);
    }

    /** Finds permits that were lost and permits that were invented. */
    private void checkPermits() {
        Limits limits = environment.setup.limits();
        int endpoints = environment.setup.endpoints();
        if (environment.setup.sharing().isAny()) {
            checkPlaces(Math.min(limits.maxOpen(), limits.maxOpenPerEndpoint()));
            return;
        }
        checkBorrowing();
        int perEndpoint = Math.min(limits.maxOpen(), limits.maxOpenPerEndpoint());
        checkCapacity(1, perEndpoint);
        checkCapacity(endpoints, Math.min(limits.maxOpen(), endpoints * limits.maxOpenPerEndpoint()));
        checkBorrowing();
    }

    /**
     * Borrows all idle connections. A further acquire waits if no more can be opened, and a borrowed connection that is
     * given back serves it.
     */
    private void checkBorrowing() {
        int idle = lockstep.borrowInvariants.idleCount();
        for (int i = 0; i < idle; i++) {
            require(
                    environment.borrowers.borrow(environment.opened, 0, false) != null,
                    "an idle connection cannot be borrowed");
        }
        require(lockstep.borrowInvariants.idleCount() == 0, "a connection can be borrowed twice");
        SimulatedCaller oneMore = environment.acquire("a", NEVER);
        settle(false);
        if (!oneMore.answered) {
            SimulatedEnvironment.HeldLease back = environment.heldLeases.stream()
                    .filter(lease -> lease.slot().endpoint().scheme().equals("a"))
                    .findFirst()
                    .orElseGet(() -> environment.heldLeases.get(0));
            environment.heldLeases.remove(back);
            environment.release(back, ReleaseKind.REUSE);
            settle(false);
        }
        require(oneMore.answered, "a borrowed connection that is given back does not serve the waiter");
        settle(true);
        checkAllIdle();
    }

    private void checkCapacity(int endpoints, int places) {
        for (int i = 0; i < places; i++) {
            environment.acquire(endpoint(i % endpoints), NEVER);
            settle(false);
        }
        require(lockstep.waiting() == 0, "fewer than " + places + " can be leased: " + lockstep.machine.counts());
        require(lockstep.machine.counts().leased() == places, places + " were acquired: " + lockstep.machine.counts());
        SimulatedCaller oneMore = environment.acquire("a", NEVER);
        settle(false);
        require(!oneMore.answered, "more than " + places + " can be leased");
        SimulatedEnvironment.HeldLease released = environment.heldLeases.stream()
                .filter(lease -> lease.slot().endpoint().scheme().equals("a"))
                .findFirst()
                .orElseThrow();
        environment.heldLeases.remove(released);
        environment.release(released, ReleaseKind.REUSE);
        settle(false);
        require(oneMore.answered, "a release does not serve the waiter");
        settle(true);
        checkAllIdle();
    }

    /** Fills all places that one endpoint can have. One more waits, and any end of a lease serves it. */
    private void checkPlaces(int connections) {
        SimulatedCaller last = environment.acquire("a", NEVER);
        settle(false);
        int served = 0;
        while (last.answered) {
            require(++served <= connections * LEASES, "more than " + connections * LEASES + " can be leased");
            last = environment.acquire("a", NEVER);
            settle(false);
        }
        Counts counts = lockstep.machine.counts();
        int places = environment.sharing.places(environment.opened, "a");
        require(served == places && counts.leases() == places, places + " can be leased, not " + served);
        require(counts.leased() == connections && counts.leaving() == 0, connections + " are full, not " + counts);
        List<SimulatedEnvironment.HeldLease> held = new ArrayList<>(environment.heldLeases);
        held.addAll(environment.sharing.everlasting);
        SimulatedEnvironment.HeldLease released = held.get(served / 2);
        environment.heldLeases.remove(released);
        environment.sharing.everlasting.remove(released);
        environment.release(released, ReleaseKind.RESET);
        settle(false);
        require(last.answered, "a place that becomes free does not serve the waiter");
        settle(true);
        checkAllIdle();
    }

    private static String endpoint(int index) {
        return String.valueOf((char) ('a' + index));
    }

    private void checkExpiry() {
        boolean expires = environment.setup.config().idleTimeout() < NEVER
                || environment.setup.config().maxLifetime() < NEVER;
        if (!expires) {
            return;
        }
        for (int alarms = 0; environment.alarm < NEVER; alarms++) {
            require(alarms < MOST_ROUNDS, "the alarm goes off for ever");
            environment.fireAlarm();
            settle(true);
        }
        require(lockstep.machine.counts().open() == 0, "a connection never expires: " + lockstep.machine.counts());
        require(lockstep.machine.countsByEndpoint().isEmpty(), "an endpoint is never removed");
        require(!lockstep.isAlarmSet(), "the alarm is set although nothing is due");
    }

    private void checkEnded() {
        Counts counts = lockstep.machine.counts();
        require(counts.open() == 0 && counts.waiting() == 0, "something is left after the end: " + counts);
        require(lockstep.finished() == 1, "the end was reported " + lockstep.finished() + " times");
        require(environment.permits == 0, environment.permits + " permits of the budget are still in use");
        require(environment.acquire("a", NEVER).answered, "an acquire after the end is not answered");
        lockstep.shutdown();
        settle(true);
        require(lockstep.finished() == 1, "the end was reported again");
        require(environment.callers.stream().allMatch(caller -> caller.answered), "an acquire was never answered");
    }
}
