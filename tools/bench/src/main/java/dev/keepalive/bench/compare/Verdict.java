package dev.keepalive.bench.compare;

/**
 * How a run stands to a goal.
 *
 * @param goal the goal
 * @param ours the figure that is judged
 * @param whom whose figure it is compared with; empty if nobody's
 * @param base that figure
 * @param ratio the one divided by the other, round by round
 */
record Verdict(Goal goal, Spread ours, String whom, Spread base, Spread ratio) {
    /** Met, met but for the noise, not met, or no figure. */
    String inWords() {
        if (!ratio.isThere()) {
            return "no figure";
        }
        if (within(1)) {
            return "met";
        }
        return within(goal.noise()) ? "within noise" : "NOT MET";
    }

    private boolean within(double noise) {
        return goal.isLeast() ? ratio.median() * noise >= goal.bound() : ratio.median() <= goal.bound() * noise;
    }
}
