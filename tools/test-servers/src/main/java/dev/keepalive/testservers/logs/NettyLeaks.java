package dev.keepalive.testservers.logs;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/** Netty's reports of buffers that were not released. This module does not depend on Netty, and works without it. */
final class NettyLeaks {
    static final String LOGGER = "io.netty.util.ResourceLeakDetector";

    private static final long PATIENCE_MILLIS = 1_000;

    private NettyLeaks() {}

    static boolean isLeak(LogRecord record) {
        return LOGGER.equals(record.getLoggerName()) && record.getLevel().intValue() >= Level.SEVERE.intValue();
    }

    /** Netty reports a leak when it allocates a buffer after the garbage collector has found the lost one. */
    static void provokeReports() {
        Class<?> buffers = nettyBuffers();
        if (buffers == null) {
            return;
        }
        try {
            collectGarbage();
            Object buffer = buffers.getMethod("directBuffer", int.class).invoke(null, 1);
            Class.forName("io.netty.util.ReferenceCountUtil")
                    .getMethod("release", Object.class)
                    .invoke(null, buffer);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Netty has changed", e);
        }
    }

    private static @Nullable Class<?> nettyBuffers() {
        try {
            return Class.forName("io.netty.buffer.Unpooled");
        } catch (ClassNotFoundException notOnTheClassPath) {
            return null;
        }
    }

    /** Returns when the collector has found an object that is lost, and so those that were lost before it. */
    private static void collectGarbage() {
        ReferenceQueue<Object> found = new ReferenceQueue<>();
        WeakReference<Object> lost = new WeakReference<>(new Object(), found);
        System.gc();
        try {
            if (found.remove(PATIENCE_MILLIS) != lost) {
                // The collector is switched off: there is nothing to report.
                lost.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
