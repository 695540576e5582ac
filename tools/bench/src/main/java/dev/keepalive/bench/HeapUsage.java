package dev.keepalive.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** The bytes in use on this JVM's heap. */
public final class HeapUsage {
    private static final int MOST_COLLECTIONS = 8;
    private static final long PAUSE_MILLIS = 20;

    private HeapUsage() {}

    /**
     * The bytes in use after garbage collection. Collects again while that frees more; the pauses between let other
     * threads process what was collected.
     */
    public static long used() throws InterruptedException {
        long least = Long.MAX_VALUE;
        int fruitless = 0;
        for (int i = 0; i < MOST_COLLECTIONS && fruitless < 2; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            fruitless = used < least ? 0 : fruitless + 1;
            least = Math.min(least, used);
        }
        return least;
    }
}
