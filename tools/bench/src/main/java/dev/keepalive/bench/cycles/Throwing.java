package dev.keepalive.bench.cycles;

import dev.keepalive.bench.contenders.Contender;

/** Steps that may fail. */
@FunctionalInterface
interface Throwing {
    /** Does them. */
    void run() throws Exception;

    /** Does them where the pool wants them; what they throw, this throws. */
    static void confine(Contender pool, Throwing steps) {
        pool.confine(() -> {
            try {
                steps.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
