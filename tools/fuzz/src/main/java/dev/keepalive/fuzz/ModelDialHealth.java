package dev.keepalive.fuzz;

/** What the model remembers of an endpoint whose dials fail. */
final class ModelDialHealth {
    /** Failures in a row. */
    int failures;

    /** The event of the last failure that counted. */
    long failedIn;

    /** The slot whose dial failed last. */
    ModelSlot last;

    boolean paused;

    /** When the pause ends, or else when the failures are forgotten. */
    long due;

    ModelDialHealth(ModelSlot failed) {
        last = failed;
    }
}
