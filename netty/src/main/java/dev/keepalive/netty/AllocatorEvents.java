package dev.keepalive.netty;

import io.netty.buffer.ByteBufAllocator;

/**
 * Keeps Netty's allocator events out of the Flight Recorder in a class loader that may be dropped. To offer these
 * events, Netty registers a listener that the Flight Recorder never lets go, together with the class loaders of all
 * callers (before JDK 24), so that none of them is ever collected.
 */
final class AllocatorEvents {
    /** Netty's switch. It is read once, when Netty is initialised. */
    private static final String SWITCH = "io.netty.jfr.enabled";

    private AllocatorEvents() {}

    /**
     * Turns the events off, if the program has not set the switch, and if this class may be unloaded. It has an effect
     * if this is the first use of Netty in its class loader. The system property is set during this call only.
     */
    static void turnOffWhereTheyKeepAClassLoader() {
        if (!mayBeUnloaded(AllocatorEvents.class.getClassLoader()) || System.getProperty(SWITCH) != null) {
            return;
        }
        System.setProperty(SWITCH, "false");
        try {
            CallerThread.withoutThreadLocals(() -> ByteBufAllocator.DEFAULT);
        } finally {
            System.clearProperty(SWITCH);
        }
    }

    /** Whether this class loader is none of those that live as long as the JVM. */
    private static boolean mayBeUnloaded(ClassLoader loader) {
        for (ClassLoader lasting = ClassLoader.getSystemClassLoader(); lasting != null; lasting = lasting.getParent()) {
            if (lasting == loader) {
                return false;
            }
        }
        return true;
    }
}
