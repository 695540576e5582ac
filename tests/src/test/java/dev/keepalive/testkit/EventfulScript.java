package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes a history in which each kind of event occurs: a machine gets random events. The random generator has a fixed
 * seed, so each run makes the same bytes.
 */
final class EventfulScript {
    private static final long SEED = 21;
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
    private int slots;

    private EventfulScript() {
        random = new Random(SEED);
    }

    /** Runs all events and returns the recorded history. */
    static byte[] history() {
        EventfulScript events = new EventfulScript();
        for (int step = 0; step < STEPS; step++) {
            events.step();
        }
        events.end();
        return events.script.history();
    }

    private void step() {
        int what = random.nextInt(100);
        if (what < 20) {
            acquire();
        } else if (what < 25 && !waiters.isEmpty()) {
            countSlots(script.cancel(waiters.get(random.nextInt(waiters.size()))));
        } else if (what < 40) {
            script.advance(Duration.ofMillis(random.nextInt(12) == 0 ? 16_000 : random.nextInt(200)));
            countSlots(script.tick());
        } else if (what < 45) {
            reconfigure();
        } else if (slots > 0) {
            changeSlot(Math.max(1, slots - random.nextInt(RECENT)));
        }
    }

    private void acquire() {
        int kind = random.nextInt(6);
        if (kind == 0) {
            countSlots(script.tryAcquireOn(random.nextInt(3), "t", endpoint()));
            return;
        }
        String waiter = "w" + waiters.size();
        waiters.add(waiter);
        switch (kind) {
            case 1, 2 -> countSlots(script.acquireOn(1 + random.nextInt(2), waiter, endpoint()));
            case 3 -> countSlots(script.acquire(waiter, endpoint(), Duration.ofMillis(random.nextInt(2000))));
            default -> countSlots(script.acquire(waiter, endpoint()));
        }
    }

    private void reconfigure() {
        switch (random.nextInt(8)) {
            case 0 -> countSlots(script.limits(1 + random.nextInt(6), 1 + random.nextInt(4)));
            case 1 -> countSlots(script.limits(5, 3));
            case 2 -> countSlots(script.retire(endpoint()));
            case 3 -> countSlots(script.retireAll());
            case 4 -> countSlots(script.owed(random.nextInt(2)));
            default -> countSlots(script.owed(0));
        }
    }

    private void changeSlot(int slot) {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> open(slot);
            case 8 -> countSlots(script.permitGranted(slot));
            case 9 -> countSlots(script.openedOn(slot, random.nextInt(3)));
            case 10 -> countSlots(script.permitRequestCancelled(slot));
            case 11 -> countSlots(script.refused(slot));
            case 12 -> countSlots(random.nextInt(3) == 0 ? script.outOfResources(slot) : script.refused(slot));
            case 13, 14, 15, 16 -> release(slot);
            case 17 -> countSlots(script.reset(slot, random.nextInt(3) > 0));
            case 18, 19 -> borrow(slot);
            case 20 -> refuse(slot);
            case 21 -> countSlots(random.nextInt(3) == 0 ? script.retire(slot) : script.release(slot));
            case 22 -> countSlots(script.release(slot));
            default ->
                countSlots(script.closed(
                        slot, random.nextBoolean() ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED));
        }
    }

    private void open(int slot) {
        countSlots(script.permitGranted(slot));
        countSlots(script.openedOn(slot, random.nextInt(3)));
    }

    private void release(int slot) {
        switch (random.nextInt(9)) {
            case 0 -> countSlots(script.releaseToReset(slot));
            case 1 -> countSlots(script.releaseNotReusable(slot));
            case 2 -> countSlots(script.invalidate(slot));
            case 3 -> countSlots(script.leak(slot));
            case 4 -> countSlots(script.releaseAs(slot, endpoint()));
            case 5 -> countSlots(script.releaseAsToReset(slot, endpoint()));
            default -> countSlots(script.release(slot));
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
        countSlots(script.acquire("last", "a"));
        countSlots(script.drain(Duration.ofSeconds(1)));
        countSlots(script.acquire("too late", "a"));
        script.advance(Duration.ofMillis(10));
        countSlots(script.shutdown());
        script.advance(Duration.ofSeconds(10));
        countSlots(script.tick());
        for (int slot = 1; slot <= slots; slot++) {
            countSlots(script.permitRequestCancelled(slot));
            countSlots(script.refused(slot));
            countSlots(script.closed(slot));
        }
        countSlots(script.tick());
    }

    private String endpoint() {
        return Character.toString('a' + random.nextInt(ENDPOINTS));
    }

    private void countSlots(List<String> lines) {
        slots += (int) lines.stream()
                .filter(line -> line.startsWith("request permit "))
                .count();
    }
}
