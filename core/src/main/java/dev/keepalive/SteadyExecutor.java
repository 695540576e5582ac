package dev.keepalive;

import java.util.concurrent.Executor;

/** An executor that never refuses: what one executor refuses, another runs, else the caller itself. */
final class SteadyExecutor implements Executor {
    private final Executor preferred;
    private final Executor other;

    SteadyExecutor(Executor preferred, Executor other) {
        this.preferred = preferred;
        this.other = other;
    }

    @Override
    public void execute(Runnable task) {
        Once once = new Once(task);
        if (!accepted(preferred, once) && !accepted(other, once)) {
            once.run();
        }
    }

    private static boolean accepted(Executor executor, Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (Throwable refused) {
            return false;
        }
    }
}
