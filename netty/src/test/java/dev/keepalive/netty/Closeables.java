package dev.keepalive.netty;

import org.jspecify.annotations.Nullable;

/** Closes the resources of a test, also after a setup that failed or was skipped halfway. */
final class Closeables {
    private Closeables() {}

    /**
     * Closes all parts that are not null, in this order. Then throws the first failure, if there was one; the others
     * are attached to it.
     */
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
