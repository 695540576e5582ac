package dev.keepalive.bench.storm;

/**
 * The least time in which waiters can be served by new connections: the first is of use after one interval of the server's, the second after two, and so on, up to
 * the limit; from then on each serves one waiter per round trip. So it is the least time {@code t} for which the sum over {@code k} from 1 to the limit of
 * {@code floor((t - k * interval) / roundTrip)} is no less than the number of waiters.
 *
 * @param waiters that are to be served
 * @param limit how many connections may be open
 * @param interval between two that the server accepts
 * @param roundTrip from a request until its answer
 */
record Bound(int waiters, int limit, double interval, double roundTrip) {
    private static final int STEPS = 60;

    /** The bound, in the unit of the two times. */
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
