package dev.keepalive.bench.loopback;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * The resources that this process has used, since its start or between two moments.
 *
 * @param nanos the time in nanoseconds
 * @param cpu the processor time in nanoseconds
 * @param bytes the bytes that all threads allocated on the heap
 */
record ResourceUsage(long nanos, long cpu, long bytes) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static ResourceUsage now() {
        long bytes = 0;
        for (long thread : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            bytes += Math.max(0, thread);
        }
        return new ResourceUsage(System.nanoTime(), SYSTEM.getProcessCpuTime(), bytes);
    }

    ResourceUsage since(ResourceUsage before) {
        return new ResourceUsage(nanos - before.nanos, cpu - before.cpu, bytes - before.bytes);
    }
}
