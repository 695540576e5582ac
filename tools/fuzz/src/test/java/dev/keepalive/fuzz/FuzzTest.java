package dev.keepalive.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.machine.history.HistoryWriter;
import dev.keepalive.testkit.Replay;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine does what the model says. {@code tools/bin/fuzz} does the same for as long as one likes. */
class FuzzTest {
    private static final int OPERATIONS = 2000;
    private static final int FIXED = 150;
    private static final int FRESH = 20;
    private static final int REPLAYED = 30;

    @ParameterizedTest
    @ValueSource(longs = {1, 1 + FIXED / 3, 1 + 2 * FIXED / 3})
    void theMachineDoesWhatTheModelSays(long from) {
        for (long seed = from; seed < from + FIXED / 3; seed++) {
            play(seed);
        }
    }

    static LongStream freshSeeds() {
        return new Random().longs(FRESH, 1L << 40, Long.MAX_VALUE);
    }

    @ParameterizedTest
    @MethodSource("freshSeeds")
    void theMachineDoesWhatTheModelSaysWithASeedThatNobodyHasTried(long seed) {
        play(seed);
    }

    private static void play(long seed) {
        Setup setup = Setup.of(seed);
        List<Operation> operations = Generator.operations(seed, OPERATIONS);
        if (Run.of(setup, operations, false).violation() != null) {
            throw new AssertionError(String.join("\n", Report.of(seed, setup, operations)));
        }
    }

    @Test
    void aSeedAlwaysMeansTheSame() {
        assertThat(Setup.of(7)).isEqualTo(Setup.of(7));
        assertThat(Generator.operations(7, 500)).isEqualTo(Generator.operations(7, 500));
        assertThat(Run.of(Setup.of(7), Generator.operations(7, 500), true))
                .isEqualTo(Run.of(Setup.of(7), Generator.operations(7, 500), true));
    }

    @Test
    void whateverHappensCanBeRecordedAndReplayed() throws IOException {
        for (long seed = 1; seed <= REPLAYED; seed++) {
            Setup setup = Setup.of(seed);
            List<HistoryWriter> histories = new ArrayList<>();
            Run run = Run.of(setup, Generator.operations(seed, OPERATIONS), () -> recordIn(setup, histories), false);
            byte[] history = histories.get(histories.size() - 1).take();
            long replayed = Replay.of(new ByteArrayInputStream(history)).run();
            assertThat(replayed).as("events of seed " + seed).isEqualTo(run.events());
        }
    }

    private static HistoryWriter recordIn(Setup setup, List<HistoryWriter> histories) {
        histories.add(new HistoryWriter(setup.limits(), setup.config()));
        return histories.get(histories.size() - 1);
    }

    @Test
    void operationsCanBeWrittenAndReadBack() {
        List<Operation> operations = Generator.operations(3, 500);
        String written =
                String.join(" ", operations.stream().map(Operation::toString).toList());
        assertThat(Operation.parse(written)).isEqualTo(operations);
    }

    @Test
    void everyKindOfOperationAndEveryFateHappensInTheFixedSeeds() {
        StringBuilder seen = new StringBuilder();
        for (long seed = 1; seed <= FIXED; seed++) {
            List<Operation> operations = Generator.operations(seed, OPERATIONS);
            Run.of(Setup.of(seed), operations, true).transcript().forEach(line -> seen.append(line)
                    .append('\n'));
        }
        assertThat(seen)
                .containsPattern("claim \\d+ no")
                .containsPattern("park \\d+ no")
                .containsPattern("take \\d+ lent \\d+")
                .containsPattern("take \\d+ returning \\d+")
                .contains(
                        "somebody borrows",
                        "somebody brings back",
                        "to be cleaned up",
                        "is about to tell of",
                        "takes its time")
                .containsPattern("release \\d+ lease \\d+ RE[A-Z]+ as [a-e]")
                .containsPattern("ran out \\d+")
                .containsPattern("retire number \\d+")
                .containsPattern("acquire w\\d+ [a-e] on [1-3]")
                .contains(
                        "acquire", "tryAcquire", "cancel", "granted", "denied", "opened", "refused", "quiet", "unquiet")
                .contains("stale", "too late", "configure", "retire", "owed", "drain", "shutdown", "tick")
                .contains("TIMED_OUT", "DIAL_FAILED", "DIAL_TIMED_OUT", "QUEUE_FULL", "PAUSED", "CLOSED")
                .contains("IMMEDIATE", "DEFERRED", "NEW")
                .contains(
                        "IDLE_TIMEOUT",
                        "LIFETIME",
                        "EVICTED",
                        "RETIRED",
                        "PEER_CLOSED",
                        "UNEXPECTED_INPUT",
                        "NOT_REUSABLE")
                .contains("INVALIDATED", "LEAKED", "STEP_TIMEOUT", "MANAGER_CLOSED")
                .contains("ask", "unask", "give back", "held", "overdue", "finished clean", "finished cut");
    }
}
