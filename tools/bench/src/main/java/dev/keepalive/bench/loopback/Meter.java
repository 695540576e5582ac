package dev.keepalive.bench.loopback;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process has used so far, or in a while.
 *
 * @param nanos of time
 * @param cpu nanoseconds of processors
 * @param bytes allocated on the heap by all threads
 */
record Meter(long nanos, long cpu, long bytes) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Meter now() {
        long bytes = 0;
        for (long thread : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            bytes += Math.max(0, thread);
        }
        return new Meter(System.nanoTime(), SYSTEM.getProcessCpuTime(), bytes);
    }

    Meter since(Meter before) {
        return new Meter(nanos - before.nanos, cpu - before.cpu, bytes - before.bytes);
    }
}
