package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.Violation.require;

import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.Slot.State;

/**
 * The architecture's invariants, asked of the model's books: they show what the machine and the model do wrong
 * together.
 */
final class Properties {
    private Properties() {}

    /** What holds after every event. */
    static void check(Ledger ledger) {
        for (String home : ledger.homes()) {
            boolean waits = ledger.waiting(home) > 0;
            require(!waits || ledger.count(home, State.IDLE) == 0, Check.PROPERTY, "waits beside an idle connection");
            boolean lets = ledger.wanted(home) == 0 || ledger.free() <= 0;
            require(lets, Check.PROPERTY, "waits though it could be opened");
            int surplusAsks =
                    Math.min(ledger.count(home, State.AWAITING_PERMIT), ledger.coming(home) - ledger.waiting(home));
            require(surplusAsks <= 0, Check.PROPERTY, "asks for nobody");
            NaiveHealth health = ledger.health.get(home);
            boolean hopeless =
                    waits && health != null && health.paused && ledger.open(home) == ledger.count(home, State.CLOSING);
            require(!hopeless, Check.PROPERTY, "waits in vain");
        }
        boolean dispensable = ledger.oldest(State.IDLE, null) != null;
        require(!dispensable || !ledger.isShort() && !ledger.isInDebt(), Check.PROPERTY, "idle though room is short");
    }
}
