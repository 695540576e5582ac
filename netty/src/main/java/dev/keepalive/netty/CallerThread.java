package dev.keepalive.netty;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.function.Supplier;

/**
 * Calls Netty on a thread that is not an event loop. Netty keeps caches in a thread-local of each thread that it runs
 * on. On a thread that outlives the connector, for example one of a web server, that thread-local would keep Netty's
 * class loader for as long as the thread lives.
 */
final class CallerThread {
    private CallerThread() {}

    /** Runs a task within this call, and leaves no thread-local of Netty on a thread that had none before. */
    static <T> T withoutThreadLocals(Supplier<T> task) {
        boolean hadNone = FastThreadLocal.size() == 0;
        try {
            return task.get();
        } finally {
            if (hadNone) {
                FastThreadLocal.removeAll();
            }
        }
    }
}
