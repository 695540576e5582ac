package dev.keepalive.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.compare.Goal.BestFigure;
import dev.keepalive.bench.compare.Goal.ConstantValue;
import dev.keepalive.bench.compare.Goal.OffsetFigure;
import dev.keepalive.bench.compare.Goal.SingleFigure;
import dev.keepalive.bench.contenders.ContenderKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goals are ratios of one run. */
final class GoalTest {
    private static final String SETTING = "1 endpoint, 1 thread";

    @Test
    void theMedianIsTheMiddleValueOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(MedianRange.of(9, 1, 2)).isEqualTo(new MedianRange(2, 1, 9));
        assertThat(MedianRange.of(9, 1, 2, 4)).isEqualTo(new MedianRange(3, 1, 9));
        assertThat(MedianRange.of(Double.NaN, 7)).isEqualTo(new MedianRange(7, 7, 7));
        assertThat(MedianRange.of(Double.NaN).isPresent()).isFalse();
    }

    @Test
    void ratiosAreComputedRoundByRound() {
        FigureTable table = results(2);
        add(table, 0, "keepalive", 10);
        add(table, 0, "lock", 20);
        add(table, 1, "keepalive", 40);
        add(table, 1, "lock", 40);
        GoalVerdict verdict = Goal.atMost("W1", "", ours(), new SingleFigure("lock", SETTING, "ns"), 0.75)
                .judge(table);
        assertThat(verdict.ratio()).isEqualTo(new MedianRange(0.75, 0.5, 1));
        assertThat(verdict.text()).isEqualTo("met");
    }

    @Test
    void theBestOfAKindHasTheLeastMedian() {
        FigureTable table = results(1);
        add(table, 0, "keepalive", 10);
        add(table, 0, "httpcore-lax", 100);
        add(table, 0, "httpcore-strict", 80);
        add(table, 0, "hikari-bag", 1);
        GoalVerdict verdict = Goal.atMost(
                        "W1", "", ours(), new BestFigure(ContenderKind.SAME_JOB, SETTING, "ns", false), 0.1)
                .judge(table);
        assertThat(verdict.contender()).isEqualTo("httpcore-strict");
        assertThat(verdict.ratio().median()).isCloseTo(0.125, within(1e-9));
        assertThat(verdict.text()).isEqualTo("NOT MET");
        assertThat(table.bestContender(ContenderKind.SAME_JOB, "W1", SETTING, "ns", true))
                .contains("httpcore-lax");
    }

    @Test
    void aGoalMissedByNoMoreThanItsNoiseIsWithinNoise() {
        FigureTable table = results(1);
        add(table, 0, "keepalive", 1.1);
        assertThat(verdict(
                        table,
                        Goal.atMost("W1", "", ours(), new ConstantValue(1), 1).withNoise(1.15)))
                .isEqualTo("within noise");
        assertThat(verdict(
                        table,
                        Goal.atMost("W1", "", ours(), new ConstantValue(1), 1).withNoise(1.05)))
                .isEqualTo("NOT MET");
        assertThat(verdict(
                        table,
                        Goal.atLeast("W1", "", ours(), new ConstantValue(1), 1.2)
                                .withNoise(1.15)))
                .isEqualTo("within noise");
        assertThat(verdict(table, Goal.atLeast("W1", "", ours(), new ConstantValue(1), 1.2)))
                .isEqualTo("NOT MET");
        assertThat(verdict(table, Goal.atLeast("W1", "", ours(), new ConstantValue(1), 1.1)))
                .isEqualTo("met");
        assertThat(verdict(table, Goal.atMost("W1", "", ours(), new OffsetFigure(new ConstantValue(1), 0.1), 1)))
                .isEqualTo("met");
    }

    @Test
    void aGoalWithoutAFigureIsNotMet() {
        assertThat(verdict(results(1), Goal.atMost("W1", "", ours(), new ConstantValue(1), 1)))
                .isEqualTo("no figure");
    }

    @Test
    void everyWorkloadHasGoalsAndEveryGoalHasAWorkload() {
        List<String> workloads = Workload.ALL.stream().map(Workload::id).toList();
        assertThat(GoalList.of(workloads).stream().map(Goal::workload).distinct())
                .containsExactlyInAnyOrderElementsOf(workloads);
    }

    private static String verdict(FigureTable table, Goal goal) {
        return goal.judge(table).text();
    }

    private static SingleFigure ours() {
        return new SingleFigure("keepalive", SETTING, "ns");
    }

    private static FigureTable results(int rounds) {
        return new FigureTable(rounds);
    }

    private static void add(FigureTable table, int round, String contender, double nanos) {
        table.add(round, new Figure("W1", contender, SETTING, "ns", nanos));
    }
}
