package dev.keepalive.netty;

import org.jspecify.annotations.Nullable;

/** Cleans up after a test, of which the set-up may have failed or been skipped half-way. */
final class Closeables {
    private Closeables() {}

    /** Closes what there is, all of it, in this order; then throws what the first failure was, if there was one. */
    static void closeAll(@Nullable AutoCloseable... parts) throws Exception {
        Exception first = null;
        for (AutoCloseable part : parts) {
            try {
                if (part != null) {
                    part.close();
                }
            } catch (Exception failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
