package dev.keepalive.bench.compare;

/**
 * The result of judging a run by a goal.
 *
 * @param goal the goal
 * @param ours the judged figure
 * @param contender the contender it is compared with; empty if there is none
 * @param base the figure it is compared with
 * @param ratio {@code ours} divided by {@code base}, round by round
 */
record GoalVerdict(Goal goal, MedianRange ours, String contender, MedianRange base, MedianRange ratio) {
    /** The verdict as it is printed: met, missed within noise, not met, or no figure. */
    String text() {
        if (!ratio.isPresent()) {
            return "no figure";
        }
        if (within(1)) {
            return "met";
        }
        return within(goal.noise()) ? "within noise" : "NOT MET";
    }

    private boolean within(double noise) {
        return goal.isMinimum() ? ratio.median() * noise >= goal.bound() : ratio.median() <= goal.bound() * noise;
    }
}
