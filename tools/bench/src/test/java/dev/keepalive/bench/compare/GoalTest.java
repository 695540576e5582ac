package dev.keepalive.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.compare.Goal.BestOf;
import dev.keepalive.bench.compare.Goal.Constant;
import dev.keepalive.bench.compare.Goal.Of;
import dev.keepalive.bench.compare.Goal.Plus;
import dev.keepalive.bench.contenders.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goals are ratios of one run. */
final class GoalTest {
    private static final String SETTING = "1 endpoint, 1 thread";

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOneAndOfAnEvenNumberHalfWay() {
        assertThat(Spread.of(9, 1, 2)).isEqualTo(new Spread(2, 1, 9));
        assertThat(Spread.of(9, 1, 2, 4)).isEqualTo(new Spread(3, 1, 9));
        assertThat(Spread.of(Double.NaN, 7)).isEqualTo(new Spread(7, 7, 7));
        assertThat(Spread.of(Double.NaN).isThere()).isFalse();
    }

    @Test
    void aRatioIsTakenRoundByRound() {
        Results results = results(2);
        add(results, 0, "keepalive", 10);
        add(results, 0, "lock", 20);
        add(results, 1, "keepalive", 40);
        add(results, 1, "lock", 40);
        Verdict verdict =
                Goal.most("W1", "", ours(), new Of("lock", SETTING, "ns"), 0.75).on(results);
        assertThat(verdict.ratio()).isEqualTo(new Spread(0.75, 0.5, 1));
        assertThat(verdict.inWords()).isEqualTo("met");
    }

    @Test
    void theBestOfTheSameJobIsWhoHasTheLeastMedian() {
        Results results = results(1);
        add(results, 0, "keepalive", 10);
        add(results, 0, "httpcore-lax", 100);
        add(results, 0, "httpcore-strict", 80);
        add(results, 0, "hikari-bag", 1);
        Verdict verdict = Goal.most("W1", "", ours(), new BestOf(Kind.SAME_JOB, SETTING, "ns", false), 0.1)
                .on(results);
        assertThat(verdict.whom()).isEqualTo("httpcore-strict");
        assertThat(verdict.ratio().median()).isCloseTo(0.125, within(1e-9));
        assertThat(verdict.inWords()).isEqualTo("NOT MET");
        assertThat(results.best(Kind.SAME_JOB, "W1", SETTING, "ns", true)).contains("httpcore-lax");
    }

    @Test
    void whatIsMissedByNoMoreThanTheNoiseSaysSo() {
        Results results = results(1);
        add(results, 0, "keepalive", 1.1);
        assertThat(verdict(
                        results, Goal.most("W1", "", ours(), new Constant(1), 1).noisy(1.15)))
                .isEqualTo("within noise");
        assertThat(verdict(
                        results, Goal.most("W1", "", ours(), new Constant(1), 1).noisy(1.05)))
                .isEqualTo("NOT MET");
        assertThat(verdict(
                        results,
                        Goal.least("W1", "", ours(), new Constant(1), 1.2).noisy(1.15)))
                .isEqualTo("within noise");
        assertThat(verdict(results, Goal.least("W1", "", ours(), new Constant(1), 1.2)))
                .isEqualTo("NOT MET");
        assertThat(verdict(results, Goal.least("W1", "", ours(), new Constant(1), 1.1)))
                .isEqualTo("met");
        assertThat(verdict(results, Goal.most("W1", "", ours(), new Plus(new Constant(1), 0.1), 1)))
                .isEqualTo("met");
    }

    @Test
    void withoutAFigureNothingIsMet() {
        assertThat(verdict(results(1), Goal.most("W1", "", ours(), new Constant(1), 1)))
                .isEqualTo("no figure");
    }

    @Test
    void everyWorkloadHasGoalsAndEveryGoalAWorkload() {
        List<String> workloads = Workload.ALL.stream().map(Workload::id).toList();
        assertThat(Goals.of(workloads).stream().map(Goal::workload).distinct())
                .containsExactlyInAnyOrderElementsOf(workloads);
    }

    private static String verdict(Results results, Goal goal) {
        return goal.on(results).inWords();
    }

    private static Of ours() {
        return new Of("keepalive", SETTING, "ns");
    }

    private static Results results(int rounds) {
        return new Results(rounds);
    }

    private static void add(Results results, int round, String contender, double nanos) {
        results.add(round, new Figure("W1", contender, SETTING, "ns", nanos));
    }
}
