package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * How long a waiter waits at most when several endpoints compete for the total limit. The test simulates users: each
 * acquires, holds for 5 ms, releases and acquires again. A dial takes 10 ms, a close 1 ms, and patience is 50 ms.
 */
class MachineFairnessTest {
    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final Duration HOLD = Duration.ofMillis(5);
    private static final Duration DIAL = Duration.ofMillis(10);
    private static final Duration CLOSE = Duration.ofMillis(1);

    @Test
    void aBusyEndpointNeverStarvesAQuietOne() {
        Simulation simulation = new Simulation(MachineScript.with(4, 4));
        for (int user = 0; user < 20; user++) {
            simulation.user("busy", Duration.ZERO);
        }
        simulation.user("quiet", Duration.ofMillis(500));
        simulation.runFor(Duration.ofSeconds(20));

        assertThat(simulation.served("quiet")).isGreaterThan(30);
        assertThat(simulation.longestWait("quiet"))
                .isLessThanOrEqualTo(PATIENCE.plus(HOLD).plus(CLOSE).plus(DIAL));
    }

    @Test
    void aWaiterWaitsAtMostPatienceAReleaseAndADialForEachWaiterAhead() {
        int quiet = 6;
        Simulation simulation = new Simulation(MachineScript.with(2, 2));
        for (int user = 0; user < 20; user++) {
            simulation.user("busy", Duration.ZERO);
        }
        for (int user = 0; user < quiet; user++) {
            simulation.user("quiet" + user, Duration.ofMillis(700));
        }
        simulation.runFor(Duration.ofSeconds(30));

        Duration turn = PATIENCE.plus(HOLD).plus(CLOSE).plus(DIAL);
        for (int user = 0; user < quiet; user++) {
            assertThat(simulation.longestWait("quiet" + user)).isLessThanOrEqualTo(turn.multipliedBy(quiet));
        }
    }

    @Test
    void atTheLimitConnectionsAreMostlyReusedThoughManyEndpointsAreBusy() {
        Simulation patient = manyBusyEndpoints(PATIENCE);
        Simulation strict = manyBusyEndpoints(Duration.ofNanos(1));

        assertThat(patient.dialsPerServed()).isLessThan(strict.dialsPerServed() / 4);
        assertThat(patient.served()).isGreaterThan(strict.served());
        assertThat(patient.leastServed()).isGreaterThan(patient.served() / 16 / 2);
    }

    private static Simulation manyBusyEndpoints(Duration patience) {
        Simulation simulation = new Simulation(MachineScript.with(8, 4).patience(patience));
        for (int endpoint = 0; endpoint < 16; endpoint++) {
            for (int user = 0; user < 4; user++) {
                simulation.user("e" + endpoint, Duration.ZERO);
            }
        }
        simulation.runFor(Duration.ofSeconds(20));
        return simulation;
    }

    @Test
    void aLaterWaiterOfTheSameEndpointIsServedLater() {
        Simulation simulation = new Simulation(MachineScript.with(2, 2));
        for (int user = 0; user < 30; user++) {
            simulation.user("a", Duration.ofMillis(user % 7));
        }
        simulation.runFor(Duration.ofSeconds(5));
        assertThat(simulation.inOrder).isTrue();
    }

    /** Simulates users, a network and time. */
    private static final class Simulation {
        private record Event(Duration at, int number, Runnable action) {}

        private record Wait(String endpoint, Duration think, Duration since, int number) {}

        private final MachineScript script;
        private final PriorityQueue<Event> agenda =
                new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingInt(Event::number));
        private final Map<String, Wait> waiting = new HashMap<>();
        private final Set<String> dialing = new HashSet<>();
        private final Map<String, Duration> longest = new HashMap<>();
        private final Map<String, Integer> served = new HashMap<>();
        private final Map<String, Integer> lastServed = new HashMap<>();
        private Duration now = Duration.ZERO;
        private Duration tickAt = Duration.ZERO;
        private boolean inOrder = true;
        private int events;
        private int acquires;
        private int dials;

        Simulation(MachineScript script) {
            this.script = script;
            script.checkOnDemand();
        }

        /** Adds a user: it acquires, holds, releases, thinks for this time, and acquires again. */
        void user(String endpoint, Duration think) {
            after(Duration.ofMillis(events % 10), () -> acquire(endpoint, think));
        }

        void runFor(Duration time) {
            while (agenda.peek() != null && agenda.peek().at().compareTo(time) <= 0) {
                Event next = agenda.poll();
                now = next.at();
                script.advanceTo(now);
                next.action().run();
            }
        }

        int served() {
            return served.values().stream().mapToInt(Integer::intValue).sum();
        }

        int served(String endpoint) {
            return served.getOrDefault(endpoint, 0);
        }

        int leastServed() {
            return served.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        }

        int dials() {
            return dials;
        }

        double dialsPerServed() {
            return dials / (double) served();
        }

        Duration longestWait(String endpoint) {
            return longest.getOrDefault(endpoint, Duration.ZERO);
        }

        private void after(Duration wait, Runnable action) {
            agenda.add(new Event(now.plus(wait), ++events, action));
        }

        private void acquire(String endpoint, Duration think) {
            String waiter = "w" + ++acquires;
            waiting.put(waiter, new Wait(endpoint, think, now, acquires));
            performAll(script.acquire(waiter, endpoint));
        }

        private void performAll(List<String> effects) {
            List<String> lines = new ArrayList<>(effects);
            lines.forEach(line -> perform(line.split(" ")));
            Duration wanted = script.wakeAt();
            if (wanted.compareTo(now) > 0 && !wanted.equals(tickAt)) {
                tickAt = wanted;
                after(wanted.minus(now), () -> performAll(script.tick()));
            }
        }

        private void perform(String... words) {
            if (words[0].equals("dial")) {
                dials++;
                dialing.add(words[1]);
                after(DIAL, () -> {
                    if (dialing.remove(words[1])) {
                        performAll(script.opened(Long.parseLong(words[1])));
                    }
                });
            } else if (words[0].equals("close")) {
                after(CLOSE, () -> performAll(script.closed(Long.parseLong(words[1]))));
            } else if (words[0].equals("stop")) {
                dialing.remove(words[1]);
                after(CLOSE, () -> performAll(script.refused(Long.parseLong(words[1]))));
            } else if (words[1].equals("gets")) {
                serve(words[0], Long.parseLong(words[2]));
            }
        }

        private void serve(String waiter, long slot) {
            Wait wait = waiting.remove(waiter);
            served.merge(wait.endpoint(), 1, Integer::sum);
            longest.merge(
                    wait.endpoint(), now.minus(wait.since()), (one, other) -> one.compareTo(other) > 0 ? one : other);
            inOrder &= wait.number() > lastServed.getOrDefault(wait.endpoint(), 0);
            lastServed.put(wait.endpoint(), wait.number());
            after(HOLD, () -> {
                performAll(script.release(slot));
                after(wait.think(), () -> acquire(wait.endpoint(), wait.think()));
            });
        }
    }
}
