package dev.keepalive.bench.slices;

import java.time.Duration;

/** Runs a load for a slice of time. */
@FunctionalInterface
public interface SliceRunner {
    /** Runs the load, and returns when all that was begun is answered. */
    SliceResult run(Duration time) throws InterruptedException;
}
