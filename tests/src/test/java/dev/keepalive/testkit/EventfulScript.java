package dev.keepalive.testkit;

import dev.keepalive.CloseReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A machine that is told random things until everything that a history can tell has happened. The same seed gives the
 * same history.
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

    /** What a machine was told, and what came of it. */
    static byte[] history() {
        EventfulScript life = new EventfulScript();
        for (int step = 0; step < STEPS; step++) {
            life.step();
        }
        life.end();
        return life.script.history();
    }

    private void step() {
        int what = random.nextInt(100);
        if (what < 20) {
            asks();
        } else if (what < 25 && !waiters.isEmpty()) {
            take(script.cancel(waiters.get(random.nextInt(waiters.size()))));
        } else if (what < 40) {
            script.pass(Duration.ofMillis(random.nextInt(12) == 0 ? 16_000 : random.nextInt(200)));
            take(script.tick());
        } else if (what < 45) {
            isTold();
        } else if (slots > 0) {
            happensTo(Math.max(1, slots - random.nextInt(RECENT)));
        }
    }

    private void asks() {
        int kind = random.nextInt(6);
        if (kind == 0) {
            take(script.tryAcquireOn(random.nextInt(3), "t", endpoint()));
            return;
        }
        String waiter = "w" + waiters.size();
        waiters.add(waiter);
        switch (kind) {
            case 1, 2 -> take(script.acquireOn(1 + random.nextInt(2), waiter, endpoint()));
            case 3 -> take(script.acquire(waiter, endpoint(), Duration.ofMillis(random.nextInt(2000))));
            default -> take(script.acquire(waiter, endpoint()));
        }
    }

    private void isTold() {
        switch (random.nextInt(8)) {
            case 0 -> take(script.limits(1 + random.nextInt(6), 1 + random.nextInt(4)));
            case 1 -> take(script.limits(5, 3));
            case 2 -> take(script.retire(endpoint()));
            case 3 -> take(script.retireAll());
            case 4 -> take(script.owed(random.nextInt(2)));
            default -> take(script.owed(0));
        }
    }

    private void happensTo(int slot) {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> comesUp(slot);
            case 8 -> take(script.granted(slot));
            case 9 -> take(script.openedOn(slot, random.nextInt(3)));
            case 10 -> take(script.unasked(slot));
            case 11 -> take(script.refused(slot));
            case 12 -> take(random.nextInt(3) == 0 ? script.ranOut(slot) : script.refused(slot));
            case 13, 14, 15, 16 -> isReleased(slot);
            case 17 -> take(script.reset(slot, random.nextInt(3) > 0));
            case 18, 19 -> isLent(slot);
            case 20 -> refuses(slot);
            case 21 -> take(random.nextInt(3) == 0 ? script.retire(slot) : script.release(slot));
            case 22 -> take(script.release(slot));
            default ->
                take(script.closed(
                        slot, random.nextBoolean() ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED));
        }
    }

    private void comesUp(int slot) {
        take(script.granted(slot));
        take(script.openedOn(slot, random.nextInt(3)));
    }

    private void isReleased(int slot) {
        switch (random.nextInt(9)) {
            case 0 -> take(script.releaseToReset(slot));
            case 1 -> take(script.releaseUnquiet(slot));
            case 2 -> take(script.invalidate(slot));
            case 3 -> take(script.forget(slot));
            case 4 -> take(script.releaseAs(slot, endpoint()));
            case 5 -> take(script.releaseAsToReset(slot, endpoint()));
            default -> take(script.release(slot));
        }
    }

    private void isLent(int slot) {
        if (script.isLendable(slot)) {
            script.borrow(slot);
            switch (random.nextInt(3)) {
                case 0 -> script.bringBack(slot);
                case 1 -> script.bringBackToReset(slot);
                default -> {}
            }
        }
    }

    private void refuses(int slot) {
        if (random.nextBoolean()) {
            script.refuseClaim(slot);
        } else {
            script.refusePark(slot);
        }
    }

    private void end() {
        take(script.acquire("last", "a"));
        take(script.drain(Duration.ofSeconds(1)));
        take(script.acquire("too late", "a"));
        script.pass(Duration.ofMillis(10));
        take(script.shutdown());
        script.pass(Duration.ofSeconds(10));
        take(script.tick());
        for (int slot = 1; slot <= slots; slot++) {
            take(script.unasked(slot));
            take(script.refused(slot));
            take(script.closed(slot));
        }
        take(script.tick());
    }

    private String endpoint() {
        return Character.toString('a' + random.nextInt(ENDPOINTS));
    }

    private void take(List<String> lines) {
        slots += (int) lines.stream().filter(line -> line.startsWith("ask ")).count();
    }
}
