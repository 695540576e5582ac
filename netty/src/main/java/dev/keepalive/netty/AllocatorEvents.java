package dev.keepalive.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

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
            initialiseNettyWithoutOurFrames();
            CallerThread.withoutThreadLocals(() -> ByteBufAllocator.DEFAULT);
        } finally {
            System.clearProperty(SWITCH);
        }
    }

    /**
     * Initialises Netty on a thread whose stack has frames of Netty and the JDK only. Where the JVM has no Unsafe for
     * it (JDK 24 and later), Netty keeps an exception for ever, and with it the classes on the stack of its first
     * caller.
     */
    private static void initialiseNettyWithoutOurFrames() {
        Thread present = Thread.currentThread();
        ClassLoader context = present.getContextClassLoader();
        Runnable first;
        try {
            MethodHandle anyOfNetty = MethodHandles.publicLookup()
                    .findStatic(PooledByteBufAllocator.class, "defaultNumHeapArena", MethodType.methodType(int.class));
            // The class of the proxy must be in none of our class loaders either.
            present.setContextClassLoader(null);
            first = MethodHandleProxies.asInterfaceInstance(
                    Runnable.class, anyOfNetty.asType(MethodType.methodType(void.class)));
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            present.setContextClassLoader(context);
        }
        Thread thread = new Thread(null, first, "keepalive-netty", 0, false);
        thread.setContextClassLoader(null);
        thread.setDaemon(true);
        thread.start();
        joinWhateverComes(thread);
    }

    private static void joinWhateverComes(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
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
