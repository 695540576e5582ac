package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.Violation.require;

import dev.keepalive.fuzz.Link.Use;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * All links that may still be in use, and what must be so of them at every moment because anybody may borrow what is
 * idle without asking.
 */
final class Lending {
    private final Model model;
    private final Seen seen;
    private final List<Link> links = new ArrayList<>();

    Lending(Model model, Seen seen) {
        this.model = model;
        this.seen = seen;
    }

    /** The outer part of a new slot. */
    Link link(Slot slot) {
        Link made = new Link(slot, seen);
        links.add(made);
        return made;
    }

    /** How many could be borrowed now. */
    int idle() {
        return (int) links.stream().filter(link -> link.is(Use.IDLE)).count();
    }

    /** @param isWaitedFor says whether somebody waits for this endpoint */
    void check(Predicate<String> isWaitedFor) {
        links.removeIf(link -> link.killed && link.gone);
        int connections = 0;
        for (Link link : links) {
            connections += link.opened && !link.gone ? 1 : 0;
            check(link, model.slot(link.slot.number()), isWaitedFor);
        }
        require(connections <= model.ledger.slots.size(), Check.WORLD, "more connections than are counted");
    }

    private void check(Link link, NaiveSlot slot, Predicate<String> isWaitedFor) {
        boolean idle = slot.state == State.IDLE;
        require(!link.isOnItsOwn() || idle, Check.WORLD, "lent, and the machine does not know that it may be");
        boolean isLent = link.isOnItsOwn() || link.isAboutToBeTold() || link.is(Use.DEAD);
        require(!idle || isLent, Check.WORLD, "idle, and nobody can have it");
        if (link.is(Use.IDLE)) {
            mayBeBorrowed(slot, isWaitedFor);
        }
    }

    private void mayBeBorrowed(NaiveSlot slot, Predicate<String> isWaitedFor) {
        require(!isWaitedFor.test(slot.home), Check.WORLD, "may be borrowed while somebody waits for it");
        require(!model.isEnding(), Check.WORLD, "may be borrowed after the end has begun");
        require(!slot.retired, Check.WORLD, "may be borrowed though it is retired");
        Ledger ledger = model.ledger;
        require(!ledger.isShort() && !ledger.isInDebt(), Check.WORLD, "may be borrowed though its place is needed");
        int atHome = 0;
        int all = 0;
        for (Link other : links) {
            boolean stays = other.opened && !other.gone && !other.killed;
            all += stays ? 1 : 0;
            atHome += stays && model.slot(other.slot.number()).home.equals(slot.home) ? 1 : 0;
        }
        boolean within = atHome <= ledger.limits.maxOpenPerEndpoint() && all <= ledger.limits.maxOpen();
        require(within, Check.WORLD, "may be borrowed though it is above a limit");
    }
}
