package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.PoolAdapter;

/** Steps that may fail. */
@FunctionalInterface
interface CheckedTask {
    /** Does them. */
    void run() throws Exception;

    /** Does them where the pool wants them; what they throw, this throws. */
    static void confine(PoolAdapter pool, CheckedTask steps) {
        pool.confine(() -> {
            try {
                steps.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
