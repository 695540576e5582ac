package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.PoolAdapter;

/** A task that may throw. */
@FunctionalInterface
interface CheckedTask {
    /** Runs the task. */
    void run() throws Exception;

    /** Runs a task by {@link PoolAdapter#confine}. Throws its exception, wrapped. */
    static void confine(PoolAdapter pool, CheckedTask task) {
        pool.confine(() -> {
            try {
                task.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
