package dev.keepalive.bench.storm;

/**
 * The least time in which new connections can serve all waiters. The server accepts connection {@code k} after
 * {@code k} intervals, up to the limit; from then on it serves one waiter per round trip. The bound is the least time
 * {@code t} for which the sum over {@code k} of {@code floor((t - k * interval) / roundTrip)} reaches the number of
 * waiters.
 *
 * @param waiters the number of waiters
 * @param limit the limit of open connections
 * @param interval the time between two accepts of the server
 * @param roundTrip the time from a request to its answer
 */
record LowerBound(int waiters, int limit, double interval, double roundTrip) {
    private static final int STEPS = 60;

    /** The bound, in the unit of {@code interval} and {@code roundTrip}. */
    double time() {
        double tooShort = 0;
        double longEnough = limit * interval + (waiters + 1) * roundTrip;
        for (int i = 0; i < STEPS; i++) {
            double middle = (tooShort + longEnough) / 2;
            if (served(middle) >= waiters) {
                longEnough = middle;
            } else {
                tooShort = middle;
            }
        }
        return longEnough;
    }

    private long served(double time) {
        long served = 0;
        for (int k = 1; k <= limit; k++) {
            served += Math.max(0, (long) Math.floor((time - k * interval) / roundTrip));
        }
        return served;
    }
}
