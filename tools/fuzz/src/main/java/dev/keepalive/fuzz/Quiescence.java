package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.List;

/**
 * What must be so at the end of every run, whatever happened in it: once everybody answers and releases, everybody has
 * been answered once, nothing is counted but what is idle, as many connections can be had as the limits say and not one
 * more, and after a while nothing is left at all.
 */
final class Quiescence {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_ROUNDS = 10_000;

    private final World world;
    private final Stage stage;

    Quiescence(World world) {
        this.world = world;
        this.stage = world.stage;
    }

    void check(boolean gently) {
        if (world.setup.config().budgeted()) {
            stage.owed(0);
        }
        stage.configure(world.setup.patientLimits());
        rest(true);
        if (!stage.isEnding()) {
            pausesEnd();
            scarcityEnds();
            nothingIsHeldButWhatIsIdle();
            permitsAreAllThere();
            everythingExpires();
            stage.drain(gently ? NEVER : stage.time);
            stage.tick();
            stage.shutdown();
            rest(true);
        }
        everythingIsOver();
    }

    private static void require(boolean holds, String what) {
        Violation.require(holds, Check.QUIESCENCE, what);
    }

    // ---- bringing to rest

    /**
     * Everybody who owes an answer gives it, and the alarm goes off while anybody waits, until nothing happens any
     * more.
     */
    private void rest(boolean releasing) {
        int rounds = 0;
        while (answerAll(releasing) || hurry(releasing)) {
            require(++rounds < MOST_ROUNDS, "does not come to rest");
        }
    }

    private boolean answerAll(boolean releasing) {
        world.decided.addAll(stage.takeDecided());
        long before = stage.events;
        List<Effect> all = new ArrayList<>(world.decided);
        world.decided.clear();
        all.forEach(world::perform);
        takeAll(world.asking).forEach(link -> world.answerAsk(link, true));
        takeAll(world.dialling).forEach(link -> world.answerDial(link, DialResult.OPENED, 0));
        if (releasing) {
            takeAll(world.held).forEach(lease -> world.release(lease, ReleaseKind.REUSE));
        }
        takeAll(world.borrowers.returning).forEach(lease -> world.borrowers.answer(lease, 0));
        takeAll(world.borrowers.telling).forEach(world.borrowers::tell);
        takeAll(world.resetting).forEach(link -> world.answerReset(link, true));
        takeAll(world.closing).forEach(link -> world.closed(link, CloseReason.PEER_CLOSED));
        return stage.events > before || !all.isEmpty();
    }

    /**
     * If somebody waits though nobody owes an answer, it is for time to pass: for a pause to end, or for what is
     * overdue.
     */
    private boolean hurry(boolean releasing) {
        if (stage.waiting() == 0 || !releasing) {
            return false;
        }
        require(world.alarm < NEVER, "somebody waits, and not even the alarm is set");
        world.goOff();
        return true;
    }

    private static <T> List<T> takeAll(List<T> from) {
        List<T> taken = new ArrayList<>(from);
        from.clear();
        return taken;
    }

    private void pausesEnd() {
        for (int alarms = 0; stage.isAnythingPaused(); alarms++) {
            require(alarms < MOST_ROUNDS && world.alarm < NEVER, "a pause never ends");
            world.goOff();
            rest(true);
        }
    }

    private void scarcityEnds() {
        for (int alarms = 0; stage.isScarce(); alarms++) {
            require(alarms < MOST_ROUNDS && world.alarm < NEVER, "a ceiling is never lifted");
            world.goOff();
            rest(true);
        }
    }

    // ---- what must be so

    private void nothingIsHeldButWhatIsIdle() {
        Counts counts = stage.machine.counts();
        require(counts.open() == counts.idle() && counts.waiting() == 0, "comes to rest with " + counts);
        boolean honest = world.permits == (world.setup.config().budgeted() ? counts.open() : 0);
        require(honest, world.permits + " permits of the budget are out for " + counts);
    }

    /** Finds permits that were lost, and permits that were invented. */
    private void permitsAreAllThere() {
        Limits limits = world.setup.limits();
        int endpoints = world.setup.endpoints();
        whatIsLentServesWhoWaits();
        int perEndpoint = Math.min(limits.maxOpen(), limits.maxOpenPerEndpoint());
        canBeHad(1, perEndpoint);
        canBeHad(endpoints, Math.min(limits.maxOpen(), endpoints * limits.maxOpenPerEndpoint()));
        whatIsLentServesWhoWaits();
    }

    /**
     * What is idle can be borrowed, all of it; who comes then waits if there is no more to be had, and one that is
     * brought back serves him.
     */
    private void whatIsLentServesWhoWaits() {
        int idle = stage.lending.idle();
        for (int i = 0; i < idle; i++) {
            require(world.borrowers.borrow(world.opened, 0, false) != null, "what is idle cannot be borrowed");
        }
        require(stage.lending.idle() == 0, "can be borrowed twice");
        Asked oneMore = world.acquire("a", NEVER);
        rest(false);
        if (!oneMore.answered) {
            World.Held back = world.held.stream()
                    .filter(lease -> lease.slot().endpoint().scheme().equals("a"))
                    .findFirst()
                    .orElseGet(() -> world.held.get(0));
            world.held.remove(back);
            world.release(back, ReleaseKind.REUSE);
            rest(false);
        }
        require(oneMore.answered, "what was borrowed and is brought back does not serve who waits");
        rest(true);
        nothingIsHeldButWhatIsIdle();
    }

    private void canBeHad(int endpoints, int places) {
        for (int i = 0; i < places; i++) {
            world.acquire(home(i % endpoints), NEVER);
            rest(false);
        }
        require(stage.waiting() == 0, "fewer than " + places + " can be had: " + stage.machine.counts());
        require(stage.machine.counts().leased() == places, places + " were had: " + stage.machine.counts());
        Asked oneMore = world.acquire("a", NEVER);
        rest(false);
        require(!oneMore.answered, "one more than " + places + " can be had");
        World.Held released = world.held.stream()
                .filter(lease -> lease.slot().endpoint().scheme().equals("a"))
                .findFirst()
                .orElseThrow();
        world.held.remove(released);
        world.release(released, ReleaseKind.REUSE);
        rest(false);
        require(oneMore.answered, "one more is not served by a release");
        rest(true);
        nothingIsHeldButWhatIsIdle();
    }

    private static String home(int index) {
        return String.valueOf((char) ('a' + index));
    }

    private void everythingExpires() {
        boolean expires = world.setup.config().idleTimeout() < NEVER
                || world.setup.config().maxLifetime() < NEVER;
        if (!expires) {
            return;
        }
        for (int alarms = 0; world.alarm < NEVER; alarms++) {
            require(alarms < MOST_ROUNDS, "the alarm goes off for ever");
            world.goOff();
            rest(true);
        }
        require(stage.machine.counts().open() == 0, "is kept for ever: " + stage.machine.counts());
        require(stage.machine.countsByEndpoint().isEmpty(), "an endpoint is never forgotten");
        require(!stage.countsOnAlarm(), "an alarm is set for nothing");
    }

    private void everythingIsOver() {
        Counts counts = stage.machine.counts();
        require(counts.open() == 0 && counts.waiting() == 0, "is left when all is over: " + counts);
        require(stage.finished == 1, "has finished " + stage.finished + " times");
        require(world.permits == 0, world.permits + " permits of the budget are still out");
        require(world.acquire("a", NEVER).answered, "lets somebody in when all is over");
        stage.shutdown();
        rest(true);
        require(stage.finished == 1, "has finished again");
        require(world.asked.stream().allMatch(asked -> asked.answered), "somebody was never answered");
    }
}
