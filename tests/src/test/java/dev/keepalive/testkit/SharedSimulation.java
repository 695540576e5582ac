package dev.keepalive.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** Users of shared connections, a network, a budget and time, around a {@link MachineScript}. Not thread-safe. */
final class SharedSimulation {
    /** How long a lease is held. */
    static final Duration HOLD = Duration.ofMillis(200);

    static final Duration DIAL = Duration.ofMillis(10);
    static final Duration CLOSE = Duration.ofMillis(1);

    private record Event(Duration at, int number, Runnable action) {}

    /** One acquire. The action follows when it is served; it is told the name of the waiter. */
    private record Wait(String endpoint, Duration since, Runnable action) {}

    private final MachineScript script;
    private final int capacity;
    private final PriorityQueue<Event> agenda =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingInt(Event::number));
    private final Map<String, Wait> waiting = new HashMap<>();
    private final Map<String, Duration> longest = new HashMap<>();
    private final Map<String, Integer> served = new HashMap<>();
    private final Map<String, Duration> openedAt = new HashMap<>();
    private Duration now = Duration.ZERO;
    private Duration tickAt = Duration.ZERO;
    private Duration oldest = Duration.ZERO;
    private int events;
    private int acquires;
    private int closed;
    private int returned;
    private int kept;

    /** @param capacity how many leases each connection takes */
    SharedSimulation(MachineScript script, int capacity) {
        this.script = script;
        this.capacity = capacity;
    }

    // ---- users

    /** Adds users, spread over the time of a lease. Each holds a lease, and acquires again when it has released it. */
    void users(String endpoint, int count) {
        for (int user = 0; user < count; user++) {
            after(HOLD.multipliedBy(user).dividedBy(count), () -> renew(endpoint));
        }
    }

    private void renew(String endpoint) {
        acquire(
                endpoint,
                waiter -> after(HOLD, () -> {
                    performAll(script.release(waiter));
                    renew(endpoint);
                }));
    }

    /** Adds a user that never ends its lease. */
    void everlasting(String endpoint) {
        after(Duration.ofMillis(100), () -> acquire(endpoint, waiter -> {}));
    }

    /** Adds a user that acquires, holds, and comes again after this time. */
    void visitor(String endpoint, Duration pause) {
        after(
                pause,
                () -> acquire(
                        endpoint,
                        waiter -> after(HOLD, () -> {
                            performAll(script.release(waiter));
                            visitor(endpoint, pause);
                        })));
    }

    private void acquire(String endpoint, Consumer<String> action) {
        String waiter = "w" + ++acquires;
        waiting.put(waiter, new Wait(endpoint, now, () -> action.accept(waiter)));
        performAll(script.acquire(waiter, endpoint));
    }

    // ---- the budget

    /** The budget keeps so many of the permits that are returned from now on. */
    void keepPermits(int permits) {
        kept = permits;
    }

    // ---- time

    void runFor(Duration time) {
        Duration end = now.plus(time);
        while (agenda.peek() != null && agenda.peek().at().compareTo(end) <= 0) {
            Event next = agenda.poll();
            now = next.at();
            script.advanceTo(now);
            next.action().run();
        }
        now = end;
        script.advanceTo(now);
    }

    private void after(Duration wait, Runnable action) {
        agenda.add(new Event(now.plus(wait), ++events, action));
    }

    // ---- what the machine decides

    void performAll(List<String> effects) {
        new ArrayList<>(effects).forEach(line -> perform(line.split(" ")));
        Duration wanted = script.wakeAt();
        if (wanted.compareTo(now) > 0 && !wanted.equals(tickAt)) {
            tickAt = wanted;
            after(wanted.minus(now), () -> performAll(script.tick()));
        }
    }

    private void perform(String... words) {
        switch (words[0]) {
            case "request" -> after(Duration.ZERO, () -> grant(Long.parseLong(words[2])));
            case "return" -> returned++;
            case "dial" -> after(DIAL, () -> opened(words[1]));
            case "close" -> after(CLOSE, () -> closed(words[1]));
            case "stop" -> after(CLOSE, () -> performAll(script.refused(Long.parseLong(words[1]))));
            default -> serveIfServed(words);
        }
    }

    private void grant(long slot) {
        if (kept > returned || kept == 0) {
            performAll(script.permitGranted(slot));
        }
    }

    private void opened(String slot) {
        openedAt.put(slot, now);
        performAll(script.openedShared(Long.parseLong(slot), capacity));
    }

    private void closed(String slot) {
        Duration age = now.minus(openedAt.remove(slot));
        oldest = age.compareTo(oldest) > 0 ? age : oldest;
        closed++;
        performAll(script.closed(Long.parseLong(slot)));
    }

    private void serveIfServed(String... words) {
        if (words.length < 2 || !words[1].equals("gets")) {
            return;
        }
        Wait wait = waiting.remove(words[0]);
        served.merge(wait.endpoint(), 1, Integer::sum);
        Duration waited = now.minus(wait.since());
        longest.merge(wait.endpoint(), waited, (one, other) -> one.compareTo(other) > 0 ? one : other);
        wait.action().run();
    }

    // ---- what was seen

    int served(String endpoint) {
        return served.getOrDefault(endpoint, 0);
    }

    Duration longestWait(String endpoint) {
        return longest.getOrDefault(endpoint, Duration.ZERO);
    }

    int closed() {
        return closed;
    }

    /** How many permits were returned to the budget. */
    int returned() {
        return returned;
    }

    /** The greatest age of a connection that was closed. */
    Duration oldest() {
        return oldest;
    }
}
