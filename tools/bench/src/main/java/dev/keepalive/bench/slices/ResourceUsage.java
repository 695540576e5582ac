package dev.keepalive.bench.slices;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * The resources that this process has used, since its start or between two moments.
 *
 * @param nanos the time in nanoseconds
 * @param cpu the processor time of the process in nanoseconds
 * @param loopCpu the processor time of the event loop's thread in nanoseconds; 0 if the load has none
 * @param bytes the bytes that all threads allocated on the heap
 */
public record ResourceUsage(long nanos, long cpu, long loopCpu, long bytes) {
    /** In place of a thread: the load has no event loop. */
    public static final long NO_LOOP = -1;

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** @param loop the id of the event loop's thread, or {@link #NO_LOOP} */
    public static ResourceUsage now(long loop) {
        long bytes = 0;
        for (long thread : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            bytes += Math.max(0, thread);
        }
        long loopCpu = loop == NO_LOOP ? 0 : THREADS.getThreadCpuTime(loop);
        return new ResourceUsage(System.nanoTime(), SYSTEM.getProcessCpuTime(), loopCpu, bytes);
    }

    /** The difference. */
    public ResourceUsage since(ResourceUsage before) {
        return new ResourceUsage(
                nanos - before.nanos, cpu - before.cpu, loopCpu - before.loopCpu, bytes - before.bytes);
    }
}
