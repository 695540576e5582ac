package dev.keepalive.bench.slices;

import org.HdrHistogram.Histogram;

/**
 * The result of a slice of time.
 *
 * @param requests the number of answered requests
 * @param used the resources that the process used
 * @param latencies the requests' latencies in nanoseconds, from the acquire to the last byte
 */
public record SliceResult(long requests, ResourceUsage used, Histogram latencies) {
    private static final double MICRO = 1e3;
    private static final double SECOND = 1e9;

    double perSecond() {
        return requests * SECOND / used.nanos();
    }

    double cpuMicros() {
        return used.cpu() / MICRO / requests;
    }

    double loopMicros() {
        return used.loopCpu() / MICRO / requests;
    }

    double bytes() {
        return (double) used.bytes() / requests;
    }

    double percentileMicros(double percentile) {
        return latencies.getValueAtPercentile(percentile) / MICRO;
    }
}
