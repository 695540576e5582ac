package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random events in random order, all invariants after each, and at the end: everybody has been answered and nothing is left. */
class MachineRandomWalkTest {
    private static final int EVENTS = 400;

    static long[] seeds() {
        long[] seeds = new long[300];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = 1000 + i;
        }
        return seeds;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyInvariantHoldsAfterEveryEvent(long seed) {
        Walk walk = new Walk(seed);
        for (int i = 0; i < EVENTS; i++) {
            walk.step();
        }
        walk.end();
    }

    /** One walk: keeps its own naive account of who waits and which slot may be told what. */
    private static final class Walk {
        private final Random random;
        private final MachineScript script;
        private final Set<String> waiting = new LinkedHashSet<>();
        private final Set<Long> dialling = new LinkedHashSet<>();
        private final Set<Long> leased = new LinkedHashSet<>();
        private final Set<Long> resetting = new LinkedHashSet<>();
        private final Set<Long> open = new LinkedHashSet<>();
        private int asked;

        Walk(long seed) {
            random = new Random(seed);
            script = MachineScript.with(1 + random.nextInt(4), 1 + random.nextInt(3));
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> acquire();
                case 3 -> take(waiting, waiter -> account(script.cancel(waiter)));
                case 4 -> take(dialling, this::answerDial);
                case 5, 6 -> take(leased, this::giveBack);
                case 7 -> take(resetting, slot -> account(script.reset(slot, random.nextInt(4) > 0)));
                case 8 -> take(open, this::lose);
                default -> pass();
            }
        }

        void end() {
            account(script.shutdown());
            assertThat(waiting).as("waiters that were never answered").isEmpty();
            List.copyOf(dialling).forEach(this::answerDial);
            List.copyOf(open).forEach(slot -> account(script.closed(slot)));
            assertThat(script.counts().open()).isZero();
            assertThat(script.endpoints()).isZero();
        }

        private void acquire() {
            String name = "w" + ++asked;
            String endpoint = String.valueOf((char) ('a' + random.nextInt(3)));
            waiting.add(name);
            account(
                    random.nextBoolean()
                            ? script.acquire(name, endpoint)
                            : script.acquire(name, endpoint, Duration.ofMillis(random.nextInt(200))));
        }

        private void answerDial(long slot) {
            dialling.remove(slot);
            if (random.nextInt(3) > 0) {
                open.add(slot);
                account(script.opened(slot));
            } else {
                account(script.refused(slot));
            }
        }

        private void giveBack(long slot) {
            switch (random.nextInt(6)) {
                case 0 -> account(script.invalidate(slot));
                case 1 -> account(script.forget(slot));
                case 2 -> account(script.releaseUnquiet(slot));
                case 3 -> {
                    resetting.add(slot);
                    account(script.releaseToReset(slot));
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        script.refusePark(slot);
                    }
                    account(script.release(slot));
                }
            }
        }

        private void lose(long slot) {
            leased.remove(slot);
            resetting.remove(slot);
            account(script.closed(slot));
        }

        private void pass() {
            script.pass(Duration.ofMillis(random.nextInt(6) == 0 ? 16_000 : random.nextInt(60)));
            account(script.tick());
        }

        private void account(List<String> effects) {
            for (String effect : effects) {
                String[] words = effect.split(" ");
                switch (words[0]) {
                    case "dial" -> dialling.add(Long.parseLong(words[1]));
                    case "stop", "close", "gone", "overdue", "finished", "too" -> {
                        if (words[0].equals("gone")) {
                            open.remove(Long.parseLong(words[1]));
                        }
                    }
                    default -> {
                        assertThat(waiting.remove(words[0]))
                                .as("%s had been answered", words[0])
                                .isTrue();
                        if (words[1].equals("gets")) {
                            leased.add(Long.parseLong(words[2]));
                        }
                    }
                }
            }
        }

        private <T> void take(Set<T> from, java.util.function.Consumer<T> use) {
            if (!from.isEmpty()) {
                T taken = new ArrayList<>(from).get(random.nextInt(from.size()));
                from.remove(taken);
                use.accept(taken);
            }
        }
    }
}
