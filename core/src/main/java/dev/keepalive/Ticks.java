package dev.keepalive;

import dev.keepalive.spi.TimeSource;

/** The manager's time: nanoseconds since it was built. */
final class Ticks {
    private final TimeSource source;
    private final long beginning;

    Ticks(TimeSource source) {
        this.source = source;
        this.beginning = source.nanoTime();
    }

    long now() {
        return source.nanoTime() - beginning;
    }

    /** The time so many nanoseconds after another; what is too far away is never, {@link Long#MAX_VALUE}. */
    static long after(long time, long nanos) {
        return nanos < Long.MAX_VALUE - time ? time + nanos : Long.MAX_VALUE;
    }
}
