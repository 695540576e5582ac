package dev.keepalive.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The resources that the process uses.
 *
 * @param descriptors open descriptors of any kind
 * @param sockets open descriptors of sockets
 * @param threads live threads
 * @param heap bytes in use after a garbage collection
 */
record ProcessFootprint(int descriptors, int sockets, int threads, long heap) {
    private static final int COLLECTIONS = 3;
    private static final int OTHER_DESCRIPTORS = 10;
    private static final int OTHER_THREADS = 3;
    private static final long OTHER_HEAP = 32L << 20;

    /** Measures the process after a full garbage collection. */
    static ProcessFootprint now() throws IOException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        List<String> descriptors;
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            descriptors = links.map(ProcessFootprint::target).toList();
        }
        int sockets = (int)
                descriptors.stream().filter(name -> name.startsWith("socket:")).count();
        return new ProcessFootprint(
                descriptors.size(),
                sockets,
                Thread.getAllStackTraces().size(),
                runtime.totalMemory() - runtime.freeMemory());
    }

    /**
     * Whether this is no more than {@code before}. Apart from sockets, a few more are allowed, which may be the JVM's
     * own.
     */
    boolean isNear(ProcessFootprint before) {
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
