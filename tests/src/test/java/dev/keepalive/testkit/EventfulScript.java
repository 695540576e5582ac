package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes a history in which each kind of event occurs: a machine gets random events. The random generator has a fixed
 * seed, so each run makes the same bytes.
 */
final class EventfulScript {
    private static final long SEED = 88;
    private static final int ENDPOINTS = 4;
    private static final int STEPS = 1500;
    private static final int RECENT = 6;

    private final Random random;
    private final MachineScript script = MachineScript.with(5, 3)
            .budgeted()
            .maxWaitingPerEndpoint(3)
            .maxDialsPerEndpoint(2)
            .maxLifetime(Duration.ofSeconds(40))
            .reportHeldFor(Duration.ofSeconds(4))
            .recorded();
    private final List<String> waiters = new ArrayList<>();
    private final List<String> served = new ArrayList<>();
    private final Set<Integer> shared = new HashSet<>();
    private int slots;

    private EventfulScript() {
        random = new Random(SEED);
    }

    /** Runs all events and returns the recorded history. */
    static byte[] history() {
        EventfulScript events = new EventfulScript();
        events.begin();
        for (int step = 0; step < STEPS; step++) {
            events.step();
        }
        events.end();
        return events.script.history();
    }

    /** Ends three connections for reasons that are rare at random. */
    private void begin() {
        for (int slot = 1; slot <= 3; slot++) {
            note(script.acquire("first " + slot, "a"));
            note(script.permitGranted(slot));
            note(slot == 3 ? script.openedShared(slot, 2) : script.opened(slot));
        }
        note(script.closed(1, CloseReason.UNEXPECTED_INPUT));
        note(script.releaseNotReusable(2));
        note(script.closed(2));
        note(script.capacity(3, 0));
        note(script.release(3));
        script.advance(Duration.ofSeconds(5));
        note(script.tick());
        note(script.closed(3));
    }

    private void step() {
        int what = random.nextInt(100);
        if (what < 20) {
            acquire();
        } else if (what < 25 && !waiters.isEmpty()) {
            note(script.cancel(waiters.get(random.nextInt(waiters.size()))));
        } else if (what < 40) {
            script.advance(Duration.ofMillis(random.nextInt(12) == 0 ? 16_000 : random.nextInt(200)));
            note(script.tick());
        } else if (what < 45) {
            reconfigure();
        } else if (slots > 0) {
            changeSlot(Math.max(1, slots - random.nextInt(RECENT)));
        }
    }

    private void acquire() {
        int kind = random.nextInt(6);
        if (kind == 0) {
            note(script.tryAcquireOn(random.nextInt(3), "t", endpoint()));
            return;
        }
        String waiter = "w" + waiters.size();
        waiters.add(waiter);
        switch (kind) {
            case 1, 2 -> note(script.acquireOn(1 + random.nextInt(2), waiter, endpoint()));
            case 3 -> note(script.acquire(waiter, endpoint(), Duration.ofMillis(random.nextInt(2000))));
            default -> note(script.acquire(waiter, endpoint()));
        }
    }

    private void reconfigure() {
        switch (random.nextInt(8)) {
            case 0 -> note(script.limits(1 + random.nextInt(6), 1 + random.nextInt(4)));
            case 1 -> note(script.limits(5, 3));
            case 2 -> note(script.retire(endpoint()));
            case 3 -> note(script.retireAll());
            case 4 -> note(script.owed(random.nextInt(2)));
            default -> note(script.owed(0));
        }
    }

    private void changeSlot(int slot) {
        switch (random.nextInt(28)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> open(slot);
            case 8 -> note(script.permitGranted(slot));
            case 9 -> note(script.openedOn(slot, random.nextInt(3)));
            case 10 -> note(script.permitRequestCancelled(slot));
            case 11 -> note(script.refused(slot));
            case 12 -> note(random.nextInt(3) == 0 ? script.outOfResources(slot) : script.refused(slot));
            case 13, 14, 15, 16 -> release(slot);
            case 17 -> note(script.reset(slot, random.nextInt(3) > 0));
            case 18, 19 -> borrow(slot);
            case 20 -> refuse(slot);
            case 21 -> note(random.nextInt(3) == 0 ? script.retire(slot) : script.release(slot));
            case 22 -> note(script.release(slot));
            case 23, 24 -> endLease();
            case 25 -> resetLease();
            case 26 -> note(script.capacity(slot, random.nextInt(4)));
            default ->
                note(script.closed(
                        slot, random.nextBoolean() ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED));
        }
    }

    private void open(int slot) {
        note(script.permitGranted(slot));
        if (random.nextInt(3) == 0) {
            shared.add(slot);
            note(script.openedSharedOn(slot, random.nextInt(3), 1 + random.nextInt(3)));
        } else {
            note(script.openedOn(slot, random.nextInt(3)));
        }
    }

    /** Ends one of the latest leases, which may have ended before. */
    private void endLease() {
        if (!served.isEmpty()) {
            note(script.end(recentlyServed(), ReleaseKind.values()[random.nextInt(3)]));
        }
    }

    private void resetLease() {
        if (!served.isEmpty()) {
            note(script.reset(recentlyServed(), random.nextInt(3) > 0));
        }
    }

    private String recentlyServed() {
        return served.get(Math.max(0, served.size() - 1 - random.nextInt(RECENT)));
    }

    private void release(int slot) {
        int kind = random.nextInt(9);
        switch (shared.contains(slot) && (kind == 4 || kind == 5) ? 6 : kind) {
            case 0 -> note(script.releaseToReset(slot));
            case 1 -> note(script.releaseNotReusable(slot));
            case 2 -> note(script.invalidate(slot));
            case 3 -> note(script.leak(slot));
            case 4 -> note(script.releaseAs(slot, endpoint()));
            case 5 -> note(script.releaseAsToReset(slot, endpoint()));
            default -> note(script.release(slot));
        }
    }

    private void borrow(int slot) {
        if (script.isBorrowable(slot)) {
            script.borrow(slot);
            switch (random.nextInt(3)) {
                case 0 -> script.giveBack(slot);
                case 1 -> script.giveBackToReset(slot);
                default -> {}
            }
        }
    }

    private void refuse(int slot) {
        if (random.nextBoolean()) {
            script.refuseClaim(slot);
        } else {
            script.refusePark(slot);
        }
    }

    private void end() {
        note(script.acquire("last", "a"));
        note(script.drain(Duration.ofSeconds(1)));
        note(script.acquire("too late", "a"));
        script.advance(Duration.ofMillis(10));
        note(script.shutdown());
        script.advance(Duration.ofSeconds(10));
        note(script.tick());
        for (int slot = 1; slot <= slots; slot++) {
            note(script.permitRequestCancelled(slot));
            note(script.refused(slot));
            note(script.closed(slot));
        }
        note(script.tick());
    }

    private String endpoint() {
        return Character.toString('a' + random.nextInt(ENDPOINTS));
    }

    /** Notes which slots were opened, and which waiters were served. */
    private void note(List<String> lines) {
        lines.stream()
                .filter(line -> line.contains(" gets ") && !line.endsWith(" nothing"))
                .forEach(line -> served.add(line.substring(0, line.indexOf(" gets "))));
        slots += (int) lines.stream()
                .filter(line -> line.startsWith("request permit "))
                .count();
    }
}
