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

/** The machine does what the model says. {@code tools/bin/fuzz} plays more seeds. */
class FuzzTest {
    private static final int OPERATIONS = 2000;
    private static final int FIXED = 150;
    private static final int LOOKED_AT = 400;
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
    void theMachineDoesWhatTheModelSaysWithNewSeeds(long seed) {
        play(seed);
    }

    private static void play(long seed) {
        FuzzSetup setup = FuzzSetup.of(seed);
        List<FuzzOperation> operations = OperationGenerator.operations(seed, OPERATIONS);
        if (FuzzRun.of(setup, operations, false).violation() != null) {
            throw new AssertionError(String.join("\n", FailureReport.of(seed, setup, operations)));
        }
    }

    @Test
    void aSeedAlwaysMeansTheSame() {
        assertThat(FuzzSetup.of(7)).isEqualTo(FuzzSetup.of(7));
        assertThat(OperationGenerator.operations(7, 500)).isEqualTo(OperationGenerator.operations(7, 500));
        assertThat(FuzzRun.of(FuzzSetup.of(7), OperationGenerator.operations(7, 500), true))
                .isEqualTo(FuzzRun.of(FuzzSetup.of(7), OperationGenerator.operations(7, 500), true));
    }

    @Test
    void aPartOfTheSeedsHasNothingShared() {
        long shared = LongStream.rangeClosed(1, FIXED)
                .filter(seed -> FuzzSetup.of(seed).sharing().isAny())
                .count();
        assertThat(shared).isBetween(FIXED / 3L, FIXED * 2L / 3);
    }

    @Test
    void everyRunCanBeRecordedAndReplayed() throws IOException {
        for (long seed = 1; seed <= REPLAYED; seed++) {
            FuzzSetup setup = FuzzSetup.of(seed);
            List<HistoryWriter> histories = new ArrayList<>();
            FuzzRun run = FuzzRun.of(
                    setup, OperationGenerator.operations(seed, OPERATIONS), () -> recordIn(setup, histories), false);
            byte[] history = histories.get(histories.size() - 1).take();
            long replayed = Replay.of(new ByteArrayInputStream(history)).run();
            assertThat(replayed).as("events of seed " + seed).isEqualTo(run.events());
        }
    }

    private static HistoryWriter recordIn(FuzzSetup setup, List<HistoryWriter> histories) {
        histories.add(new HistoryWriter(setup.limits(), setup.config()));
        return histories.get(histories.size() - 1);
    }

    @Test
    void operationsCanBeWrittenAndReadBack() {
        List<FuzzOperation> operations = OperationGenerator.operations(3, 500);
        String written = String.join(
                " ", operations.stream().map(FuzzOperation::toString).toList());
        assertThat(FuzzOperation.parse(written)).isEqualTo(operations);
    }

    @Test
    void everyKindOfOperationAndOutcomeOccurs() {
        StringBuilder seen = new StringBuilder();
        for (long seed = 1; seed <= LOOKED_AT; seed++) {
            List<FuzzOperation> operations = OperationGenerator.operations(seed, OPERATIONS);
            FuzzRun.of(FuzzSetup.of(seed), operations, true).transcript().forEach(line -> seen.append(line)
                    .append('\n'));
        }
        requireEveryKind(seen);
    }

    private static void requireEveryKind(CharSequence seen) {
        assertThat(seen)
                .containsPattern("claim \\d+ no")
                .containsPattern("park \\d+ no")
                .containsPattern("revoke \\d+ borrowed \\d+")
                .containsPattern("revoke \\d+ returned dirty \\d+")
                .contains(
                        "a caller borrows",
                        "a borrower gives back",
                        "to be cleaned up",
                        "a release will be reported",
                        "takes longer")
                .containsPattern("release \\d+ lease \\d+ RE[A-Z]+ as [a-e]")
                .containsPattern("ran out \\d+")
                .containsPattern("acquire of \\d+ w\\d+")
                .containsPattern("opened \\d+ on \\d shared by \\d+")
                .containsPattern("capacity \\d+ 0")
                .containsPattern("reset \\d+ lease \\d+ quiet")
                .containsPattern("reset \\d+ lease \\d+ unquiet")
                .containsPattern("held too long \\d+ lease \\d+")
                .containsPattern("lingers \\d+ with \\d+")
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
                .contains("INVALIDATED", "LEAKED", "NO_ROOM", "STEP_TIMEOUT", "MANAGER_CLOSED")
                .contains("request permit", "cancel permit request", "return permit", "held too long", "close overdue")
                .contains("finished clean", "finished cut");
    }
}
