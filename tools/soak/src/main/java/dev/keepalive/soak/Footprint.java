package dev.keepalive.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the process holds of the system.
 *
 * @param descriptors open descriptors of any kind
 * @param sockets open descriptors of sockets
 * @param threads live threads
 * @param heap bytes in use after a garbage collection
 */
record Footprint(int descriptors, int sockets, int threads, long heap) {
    private static final int COLLECTIONS = 3;
    private static final int OTHER_DESCRIPTORS = 10;
    private static final int OTHER_THREADS = 3;
    private static final long OTHER_HEAP = 32L << 20;

    /** Measures it, after a full garbage collection. */
    static Footprint now() throws IOException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        List<String> descriptors;
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            descriptors = links.map(Footprint::target).toList();
        }
        int sockets = (int)
                descriptors.stream().filter(name -> name.startsWith("socket:")).count();
        return new Footprint(
                descriptors.size(),
                sockets,
                Thread.getAllStackTraces().size(),
                runtime.totalMemory() - runtime.freeMemory());
    }

    /** Whether it is no more than another one; but for sockets, a few things may have come that are the JVM's own. */
    boolean isNear(Footprint before) {
        return sockets <= before.sockets
                && descriptors <= before.descriptors + OTHER_DESCRIPTORS
                && threads <= before.threads + OTHER_THREADS
                && heap <= before.heap + OTHER_HEAP;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    @Override
    public String toString() {
        return descriptors + " descriptors (" + sockets + " sockets), " + threads + " threads, " + (heap >> 20)
                + " MiB of heap";
    }
}
