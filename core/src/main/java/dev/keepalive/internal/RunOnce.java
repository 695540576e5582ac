package dev.keepalive.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A task that runs at most once, and not at all after it was withdrawn. For executors that may throw after they have
 * accepted a task. Safe from any thread.
 */
abstract class RunOnce implements Runnable {
    private static final VarHandle DECIDED;

    static {
        try {
            DECIDED = MethodHandles.lookup().findVarHandle(RunOnce.class, "decided", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    @SuppressWarnings("unused") // by its handle
    private volatile boolean decided;

    /** What the task does. */
    abstract void perform();

    @Override
    public final void run() {
        if (withdraw()) {
            perform();
        }
    }

    /** Keeps the task from running; false if it runs already, has run, or was withdrawn before. */
    final boolean withdraw() {
        return DECIDED.compareAndSet(this, false, true);
    }
}
