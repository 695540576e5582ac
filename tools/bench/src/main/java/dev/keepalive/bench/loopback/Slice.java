package dev.keepalive.bench.loopback;

import org.HdrHistogram.Histogram;

/**
 * What clients did in a slice of time.
 *
 * @param requests how many were answered
 * @param used what the process used for them
 * @param latencies of the requests, in nanoseconds, from the acquire to the last byte
 */
record Slice(long requests, Meter used, Histogram latencies) {
    private static final double MICRO = 1e3;
    private static final double SECOND = 1e9;

    double perSecond() {
        return requests * SECOND / used.nanos();
    }

    double cpuMicros() {
        return used.cpu() / MICRO / requests;
    }

    double bytes() {
        return (double) used.bytes() / requests;
    }

    double percentileMicros(double percentile) {
        return latencies.getValueAtPercentile(percentile) / MICRO;
    }
}
